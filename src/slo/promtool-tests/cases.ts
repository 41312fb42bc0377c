import { minutes, type Duration } from "../../core/duration.ts";
import { ALERT_LABEL, BUDGET_LEFT, errorRatio, ID_LABEL } from "../conventions.ts";
import type { Slo } from "../model.ts";
import { burnText, levelAt, levelsOf, patience, quietBurn, writtenTiers, type BurnLevel } from "./burn-levels.ts";
import type { Feed, FeedGroup } from "./feed.ts";
import type { InputSeries } from "./series.ts";
import type { Expectation, TestCase } from "./test-file.ts";
import { valuesText, type Stretch } from "./values-text.ts";

/** Some minutes in which so many events happen in 5 minutes, and so many of them fail. */
interface Phase {
  readonly minutes: number;
  readonly total: number;
  readonly failed: number;
}

/** What the cases of an SLO are made from. */
export interface CaseContext {
  readonly slo: Slo;
  /** One for each SLO that has queries: the SLO itself, or the members of a composite. */
  readonly feeds: readonly Feed[];
  /** Error ratio of the SLO when everything that feeds it fails: 1 but for composites of small weights. */
  readonly worstRatio: number;
}

/** All cases of an SLO that make sense for it. */
export function casesOf(context: CaseContext): readonly TestCase[] {
  const isStepwise = context.slo.timeslices !== undefined || context.slo.sli.kind === "composite";
  const burns = isStepwise || context.feeds.some(({ isBoolean }) => isBoolean) ? [] : burnCases(context);
  return [
    outageCase(context),
    ...burns,
    healthyCase(context),
    ...missingCases(context),
    ...idleCases(context),
    noDataCase(context),
    ...lowTrafficCases(context),
    ...groupCases(context),
  ];
}

/** Events of 5 minutes in a busy time: enough for every minimum, also of few failures. */
function busy(slo: Slo): number {
  const least = Math.min(1, ...levelsOf(slo).map(({ ratio }) => ratio));
  return Math.ceil(Math.max(6_000, slo.minimum.events * 20, (slo.minimum.failures * 20) / least) / 1_000) * 1_000;
}

function outageCase(context: CaseContext): TestCase {
  const { slo, worstRatio } = context;
  const level = levelAt(slo, worstRatio / (1 - slo.objective));
  const length = outageLength(context);
  const phases = [{ minutes: length, total: busy(slo), failed: busy(slo) }];
  return {
    name: `everything fails: ${alertsText(level)}`,
    inputs: inputs(context, phases),
    expects: [...alerts(context, minutes(length), level), ratio(context, minutes(length), worstRatio)],
  };
}

/** Where the number of events can not be chosen, their minimum takes its time. */
function outageLength({ slo, feeds }: CaseContext): number {
  const fixed = feeds.flatMap(({ groups }) => groups[0]?.solution.fixedTotal ?? []);
  const wanted = slo.sli.kind === "events" ? Math.max(slo.minimum.events, slo.minimum.failures) : 0;
  const wait = fixed.length === 0 ? 0 : Math.ceil((wanted * 5) / Math.min(...fixed));
  return patience(slo) / minutes(1) + Math.ceil(wait / 10) * 10;
}

function burnCases(context: CaseContext): readonly TestCase[] {
  const { slo } = context;
  const length = patience(slo) / minutes(1);
  return levelsOf(slo).map((level) => ({
    name: `the budget burns ${burnText(level)}: ${alertsText(level)}`,
    inputs: inputs(context, [{ minutes: length, total: busy(slo), failed: busy(slo) * level.ratio }]),
    expects: [...alerts(context, minutes(length), level), ratio(context, minutes(length), level.ratio)],
  }));
}

const QUIET = { page: false, ticket: false };

function healthyCase(context: CaseContext): TestCase {
  const { slo, feeds } = context;
  const isExact = slo.timeslices === undefined && slo.sli.kind !== "composite" && !feeds.some((feed) => feed.isBoolean);
  const length = patience(slo) / minutes(1);
  const burn = isExact ? quietBurn(slo) : 0;
  const share =
    slo.timeslices === undefined || feeds.some((feed) => feed.isBoolean) ? 0 : (1 - slo.timeslices.objective) / 2;
  const failed = isExact ? busy(slo) * burn * (1 - slo.objective) : busy(slo) * share;
  return {
    name: isExact
      ? `the budget burns at ${burn} of what it allows: no alert`
      : "all is well: no alert, all of the budget is left",
    inputs: inputs(context, [{ minutes: length, total: busy(slo), failed }]),
    expects: [
      ...alerts(context, minutes(length), QUIET),
      { expression: firing(slo, "no_data", []), at: minutes(length), samples: [] },
      budget(context, minutes(length), 1 - burn),
    ],
  };
}

function missingCases(context: CaseContext): readonly TestCase[] {
  const { slo, feeds } = context;
  const [feed] = feeds;
  if (feed === undefined || slo.sli.kind === "composite") return [];
  const length = patience(slo) / minutes(1);
  const at = minutes(length);
  const without = (gone: (group: FeedGroup) => ReadonlySet<string>, failed: number) =>
    inputs(context, [{ minutes: length, total: busy(slo), failed }], (each, group) => !gone(group).has(each.unknown));
  const outage = levelAt(slo, 1 / (1 - slo.objective));
  const noErrors: TestCase = {
    name: "no failure was ever counted, so that its series is not there: no alert, all of the budget is left",
    inputs: without(({ solution }) => solution.onlyFailed, 0),
    expects: [...alerts(context, at, QUIET), ratio(context, at, 0), budget(context, at, 1)],
  };
  const noGood: TestCase = {
    name: `nothing ever went well, so that its series is not there: ${alertsText(outage)}`,
    inputs: without(({ solution }) => solution.onlyGood, busy(slo)),
    expects: [...alerts(context, at, outage), ratio(context, at, 1)],
  };
  return [...(feed.holdsWithout("failed") ? [noErrors] : []), ...(feed.holdsWithout("good") ? [noGood] : [])];
}

/** Only where the number of events can be chosen. */
function idleCases(context: CaseContext): readonly TestCase[] {
  const { slo, feeds } = context;
  if (feeds.some(({ groups }) => groups[0]?.solution.fixedTotal !== undefined)) return [];
  const length = patience(slo) / minutes(1);
  const at = minutes(length);
  const known = feeds.some(({ dropsIdle }) => dropsIdle) ? [] : [budget(context, at, 1)];
  return [
    {
      name: `nothing happens: no alert${known.length > 0 ? ", all of the budget is left" : ""}`,
      inputs: inputs(context, [{ minutes: length, total: 0, failed: 0 }]),
      expects: [...alerts(context, at, QUIET), ...known],
    },
  ];
}

function noDataCase(context: CaseContext): TestCase {
  const { slo } = context;
  const at = patience(slo);
  const isTold = slo.alerting.noData !== undefined;
  const told = {
    expression: firing(slo, "no_data", []),
    at,
    samples: isTold ? [{ labels: idLabels(slo), value: 1 }] : [],
  };
  const unknown = { expression: `${BUDGET_LEFT}{${ID_LABEL}="${slo.id}"}`, at, samples: [] };
  return {
    name: `nothing is measured: ${isTold ? "the no-data alert, " : ""}no other alert, and nothing is said of the budget`,
    inputs: [],
    expects: [...alerts(context, at, QUIET), told, unknown],
  };
}

/** Fewer than the minimum, by more than `increase` may err. */
const SURELY_LESS = 0.6;

function lowTrafficCases(context: CaseContext): readonly TestCase[] {
  const { slo, feeds } = context;
  if (slo.sli.kind !== "events" || writtenTiers(slo).length === 0) return [];
  const { events, failures } = slo.minimum;
  const count = Math.floor(Math.max(failures, events > Math.max(failures, 1) ? events : 0) * SURELY_LESS);
  const fixed = feeds[0]?.groups[0]?.solution.fixedTotal;
  const perMinute = fixed === undefined ? count : fixed / 5;
  // a gauge's samples go on, so that they can only be few by number of the failed ones
  if (count < 1 || (fixed !== undefined && perMinute > Math.floor(failures * SURELY_LESS))) return [];
  const total = fixed ?? count * 5;
  const rest = { total: fixed ?? 0, failed: 0 };
  const phases: Phase[] = [
    { minutes: 12, ...rest },
    { minutes: 1, total, failed: total },
    { minutes: 17, ...rest },
  ];
  return [
    {
      name: `${perMinute === 1 ? "one failure" : `${perMinute} failures`} in a quiet time, fewer than the minimum: no alert`,
      inputs: inputs(context, phases),
      expects: [20, 30].flatMap((at) => alerts(context, minutes(at), QUIET)),
    },
  ];
}

function groupCases(context: CaseContext): readonly TestCase[] {
  const { slo, feeds } = context;
  const [feed] = feeds;
  const [bad] = feed?.groups ?? [];
  if (feed === undefined || bad === undefined || feed.groups.length < 2 || slo.sli.kind === "composite") return [];
  const length = outageLength(context);
  const level = levelAt(slo, 1 / (1 - slo.objective));
  const lines = feed.groups.flatMap((group) => {
    const failed = group === bad ? busy(slo) : 0;
    // the others have so many events that the bad one would not be seen in the sum
    const total = busy(slo) * (group === bad ? 1 : 1_000);
    return ofGroup(feed, group, [{ minutes: length, total, failed }]);
  });
  return [
    {
      name: `one of ${feed.groups.length} groups fails and is a thousandth of all events: ${alertsText(level)}, for it alone`,
      inputs: lines,
      expects: alerts(context, minutes(length), level),
    },
  ];
}

type Keeps = (series: InputSeries, group: FeedGroup) => boolean;

/** The input series of the first group of each feed. */
function inputs({ slo, feeds }: CaseContext, phases: readonly Phase[], keeps: Keeps = () => true) {
  const found = feeds.flatMap((feed) => {
    const groups = slo.sli.kind === "composite" ? feed.groups : feed.groups.slice(0, 1);
    return groups.flatMap((group) => ofGroup(feed, group, phases, keeps));
  });
  return [...new Map(found.map((line) => [line.series, line])).values()];
}

function ofGroup(feed: Feed, group: FeedGroup, phases: readonly Phase[], keeps: Keeps = () => true) {
  const stretches = phases.map(({ minutes, total, failed }): Stretch => ({
    minutes,
    unknowns: group.solution.at(total, failed),
  }));
  return group.series
    .filter((each) => keeps(each, group))
    .map((each) => ({ series: seriesText(each), values: valuesText(each, stretches, feed.bounds.get(each.metric)) }));
}

function seriesText({ metric, labels }: InputSeries): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(",")}}`;
}

function alertsText({ page, ticket }: { readonly page: boolean; readonly ticket: boolean }): string {
  const told = [...(page ? ["page"] : []), ...(ticket ? ["ticket"] : [])];
  return told.length === 0 ? "no alert" : told.join(" and ");
}

function alerts(context: CaseContext, at: Duration, level: Pick<BurnLevel, "page" | "ticket">): Expectation[] {
  return (["page", "ticket"] as const).map((which) => ({
    expression: firing(context.slo, which, context.slo.groupBy),
    at,
    samples: level[which] ? [{ labels: groupLabels(context), value: 1 }] : [],
  }));
}

const firing = ({ id }: Slo, kind: string, by: readonly string[]): string =>
  `count by (${[ID_LABEL, ...by].join(", ")}) (ALERTS{${ID_LABEL}="${id}",${ALERT_LABEL}="${kind}",alertstate="firing"})`;

const idLabels = ({ id }: Slo): string => `{${ID_LABEL}="${id}"}`;

function groupLabels({ slo, feeds }: CaseContext): string {
  const labels = slo.sli.kind === "composite" ? {} : (feeds[0]?.groups[0]?.labels ?? {});
  const pairs = Object.entries(labels).map(([label, text]) => `,${label}=${JSON.stringify(text)}`);
  return `{${ID_LABEL}="${slo.id}"${pairs.join("")}}`;
}

/** As near as the arithmetic of floats needs, whatever the version of promtool. */
const near = (metric: string, slo: Slo, value: number): string =>
  `abs(${metric}{${ID_LABEL}="${slo.id}"} - ${Number(value.toPrecision(9))}) < bool 0.00001`;

const budget = (context: CaseContext, at: Duration, value: number): Expectation => ({
  expression: near(BUDGET_LEFT, context.slo, value),
  at,
  samples: [{ labels: groupLabels(context), value: 1 }],
});

const ratio = (context: CaseContext, at: Duration, value: number): Expectation => ({
  expression: near(errorRatio("5m"), context.slo, value),
  at,
  samples: [{ labels: groupLabels(context), value: 1 }],
});
