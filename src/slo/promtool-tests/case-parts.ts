import { milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { ALERT_LABEL, BUDGET_LEFT, errorRatio, ID_LABEL } from "../conventions.ts";
import type { Slo, Tier } from "../model.ts";
import { levelAt, levelsOf, type BurnLevel } from "./burn-levels.ts";
import type { Feed, FeedGroup } from "./feed.ts";
import type { InputSeries } from "./series.ts";
import type { Expectation, TestCase } from "./test-file.ts";
import { roundedUp, type Timing } from "./timing.ts";
import { valuesText, type Stretch } from "./values-text.ts";

/** What the cases of an SLO are made from. */
export interface CaseContext {
  readonly slo: Slo;
  /** One for each SLO that has queries: the SLO itself, or the members of a composite. */
  readonly feeds: readonly Feed[];
  /** Error ratio of the SLO when everything that feeds it fails: 1 but for composites of small weights. */
  readonly worstRatio: number;
  readonly timing: Timing;
}

/** A case without how often its series have a sample, which is the same for all cases of a file. */
export type Case = Omit<TestCase, "sampling">;

/** Some time in which so many events happen in 5 minutes, and so many of them fail. */
export interface Phase {
  /** A multiple of what lies between two samples. */
  readonly length: Duration;
  readonly total: number;
  readonly failed: number;
}

/** Whether an SLO counts by slices of time or by members, of which no share of failures can be chosen. */
export const isStepwise = ({ slo, feeds }: CaseContext): boolean =>
  slo.timeslices !== undefined || slo.sli.kind === "composite" || feeds.some(({ isBoolean }) => isBoolean);

/** Events of 5 minutes where their number can not be chosen, as that of a gauge's samples. */
export const fixedTotal = ({ feeds }: CaseContext): number | undefined => {
  const fixed = feeds.flatMap(({ groups }) => groups[0]?.solution.fixedTotal ?? []);
  return fixed.length === 0 ? undefined : Math.min(...fixed);
};

/** Events of 5 minutes in a busy time: enough for every minimum, also of few failures and where few steps are seen. */
export function busy(slo: Slo): number {
  const least = Math.min(1, ...levelsOf(slo).map(({ ratio }) => ratio));
  return Math.ceil(Math.max(6_000, slo.minimum.events * 20, (slo.minimum.failures * 20) / least) / 1_000) * 1_000;
}

/** What must come of it when everything fails. */
export const outageLevel = ({ slo, worstRatio }: CaseContext): BurnLevel =>
  levelAt(slo, worstRatio / (1 - slo.objective));

/** A length, or longer: where the number of events can not be chosen, their minimum takes its time. */
export function outageLength(context: CaseContext, length: Duration): Duration {
  const { sli, minimum } = context.slo;
  const fixed = fixedTotal(context);
  if (fixed === undefined || sli.kind !== "events") return length;
  const wait = milliseconds((Math.max(minimum.events, minimum.failures) * minutes(5)) / fixed);
  return milliseconds(length + roundedUp(wait, minutes(10)));
}

type Keeps = (series: InputSeries, group: FeedGroup) => boolean;

/** The input series of the first group of each feed. */
export function inputs(context: CaseContext, phases: readonly Phase[], keeps: Keeps = () => true): TestCase["inputs"] {
  const { slo, feeds, timing } = context;
  const found = feeds.flatMap((feed) => {
    const groups = slo.sli.kind === "composite" ? feed.groups : feed.groups.slice(0, 1);
    return groups.flatMap((group) => ofGroup({ feed, group, timing }, phases, keeps));
  });
  return [...new Map(found.map((line) => [line.series, line])).values()];
}

/** The input series of one group. */
export function ofGroup(
  { feed, group, timing: { sampling } }: { feed: Feed; group: FeedGroup; timing: Timing },
  phases: readonly Phase[],
  keeps: Keeps = () => true,
): TestCase["inputs"] {
  const stretches = phases.map(({ length, total, failed }): Stretch => ({
    length,
    unknowns: group.solution.at(total, failed),
  }));
  return group.series
    .filter((each) => keeps(each, group))
    .map((each) => {
      const writing = { sampling, bound: feed.bounds.get(each.metric) };
      return { series: seriesText(each), values: valuesText(each, stretches, writing) };
    });
}

function seriesText({ metric, labels }: InputSeries): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(",")}}`;
}

/** `page and ticket`. */
export function alertsText({ page, ticket }: Pick<BurnLevel, "page" | "ticket">): string {
  const told = [...(page ? ["page"] : []), ...(ticket ? ["ticket"] : [])];
  return told.length === 0 ? "no alert" : told.join(" and ");
}

/** That neither fires. */
export const QUIET = { page: false, ticket: false };

/** That the page fires, or not, and the ticket. */
export const alerts = (
  context: CaseContext,
  at: Duration,
  level: Pick<BurnLevel, "page" | "ticket">,
): readonly Expectation[] => (["page", "ticket"] as const).map((which) => alert(context, at, which, level[which]));

/** That one of them fires, or not. */
export const alert = (context: CaseContext, at: Duration, which: Tier["alert"], fires: boolean): Expectation => ({
  expression: firing(context.slo, which, context.slo.groupBy),
  at,
  samples: fires ? [{ labels: groupLabels(context), value: 1 }] : [],
});

/** How many alerts of a kind fire, by labels. */
export const firing = ({ id }: Slo, kind: string, by: readonly string[]): string =>
  `count by (${[ID_LABEL, ...by].join(", ")}) (ALERTS{${ID_LABEL}="${id}",${ALERT_LABEL}="${kind}",alertstate="firing"})`;

/** Labels of what is recorded for the first group, or for the SLO without groups, and more. */
export function groupLabels({ slo, feeds }: CaseContext, more: Readonly<Record<string, string>> = {}): string {
  const labels = slo.sli.kind === "composite" ? {} : (feeds[0]?.groups[0]?.labels ?? {});
  const pairs = Object.entries({ ...labels, ...more }).map(([label, text]) => `,${label}=${JSON.stringify(text)}`);
  return `{${ID_LABEL}="${slo.id}"${pairs.join("")}}`;
}

/** As near as the arithmetic of floats needs, whatever the version of promtool. */
const near = (metric: string, slo: Slo, value: number): string =>
  `abs(${metric}{${ID_LABEL}="${slo.id}"} - ${Number(value.toPrecision(9))}) < bool 0.00001`;

/** That so much of the budget is left. */
export const budget = (context: CaseContext, at: Duration, value: number): Expectation => ({
  expression: near(BUDGET_LEFT, context.slo, value),
  at,
  samples: [{ labels: groupLabels(context), value: 1 }],
});

/** That such a share of the events of 5 minutes failed. */
export const ratio = (context: CaseContext, at: Duration, value: number): Expectation => ({
  expression: near(errorRatio("5m"), context.slo, value),
  at,
  samples: [{ labels: groupLabels(context), value: 1 }],
});
