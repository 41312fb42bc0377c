import { formatDuration, minutes, seconds, type Duration } from "../../core/duration.ts";
import { ERRORS, EVENTS, FAILURES, ID_LABEL, SLOTH_LABELS, TOTAL } from "../conventions.ts";
import type { Slo, SloWindow, Tier } from "../model.ts";
import { steppedQueries, type SteppedQueries, type Stepping } from "../promql/steps.ts";
import { lengthOf, tiersOf } from "../tiers.ts";

/** How rules are written. */
export interface SloRuleOptions {
  /** URL of Watchkeeper as people reach it, without a final slash. */
  readonly externalUrl: string;
  /** `sloth` adds the labels and the info metric by which sloth's dashboards find an SLO. */
  readonly compat?: "sloth" | undefined;
  /**
   * Rules in a group at most, for rulers that bound groups: those of many SLOs then share groups. Without it each SLO
   * has a fast and a slow group of its own. Source:
   * https://grafana.com/docs/mimir/latest/configure/configuration-parameters/#limits
   */
  readonly rulesPerGroup?: number | undefined;
  /** How often counters are read, which is how often the fast groups are evaluated; 30 s unless given. */
  readonly step?: Duration | undefined;
  /** How long ago they are read: longer than any scrape takes; 15 s unless given. */
  readonly lag?: Duration | undefined;
}

/** How often and how long ago counters are read where nothing else is said. */
export const STEPPING = { step: seconds(30), lag: seconds(15) } as const;

/** Over how long one recorded value counts. */
export const SLICE = minutes(5);

/** One SLO with all that its rules need. */
export interface RuleContext extends SloRuleOptions {
  readonly slo: Slo;
  /** Every SLO by its id, for composites. */
  readonly byId: ReadonlyMap<string, Slo>;
  /** Labels of every series recorded for the SLO but its counts, which have {@link ID_LABEL} only. */
  readonly identity: Readonly<Record<string, string>>;
  /** Share of events that may fail, without the dust of binary fractions. */
  readonly budget: number;
  /** The burn rate table: the SLO's own, or that of the engine for its window. */
  readonly tiers: readonly Tier[];
  /** How long the budget counts. */
  readonly period: Duration;
  /** Every window that alerts and people ask for, from short to long. */
  readonly windows: readonly Duration[];
  /** What every alert's description begins with, as a template. */
  readonly preface: string;
  /** The owner's labels as templates that print them. */
  readonly owners: Readonly<Record<string, string>>;
  readonly step: Duration;
  /** How its counters are added up step by step; undefined where only an estimate of 5 minutes at a time can be had. */
  readonly stepped: Stepped | undefined;
}

/** What is counted step by step. */
export interface Stepped extends SteppedQueries {
  /** The counts of 5 minutes that its steps add up to. */
  readonly counts: readonly [total: string, errors: string];
}

/** What is recorded of 5 minutes: PromQL that gives one value for each combination of the group-by labels. */
export interface SliExpressions {
  readonly total: string;
  readonly errors: string;
}

/** Puts together what the rules of an SLO need. */
export function ruleContext(slo: Slo, byId: ReadonlyMap<string, Slo>, options: SloRuleOptions): RuleContext {
  const sloth = { [SLOTH_LABELS.id]: slo.id, [SLOTH_LABELS.service]: slo.service, [SLOTH_LABELS.slo]: slo.name };
  const tiers = tiersOf(slo);
  const period = lengthOf(slo.window);
  const windows = new Set([SLICE, period, ...tiers.flatMap(({ long, short }) => [long, short])]);
  const { step = STEPPING.step, lag = STEPPING.lag } = options;
  return {
    ...options,
    step,
    stepped: steppedOf(slo, { step, lag }),
    tiers,
    period,
    windows: [...windows].toSorted((a, b) => a - b),
    slo,
    byId,
    identity: { [ID_LABEL]: slo.id, ...(options.compat === "sloth" && sloth) },
    budget: exact(1 - slo.objective),
    preface: prefaceOf(slo),
    owners: Object.fromEntries(Object.entries(slo.labels).map(([name, value]) => [name, literal(value)])),
  };
}

/** Whether what an SLO counts can be added up step by step, which is exact. */
export const isExact = (slo: Slo): boolean => steppedOf(slo, STEPPING) !== undefined;

function steppedOf({ sli, timeslices }: Slo, stepping: Stepping): Stepped | undefined {
  const queries = sli.kind === "events" ? steppedQueries(sli.total, sli.errors, stepping) : undefined;
  return queries && { ...queries, counts: timeslices === undefined ? [TOTAL, ERRORS] : [EVENTS, FAILURES] };
}

/** A recorded series of an SLO. Ids need no escaping. */
export const series = (metric: string, id: string): string => `${metric}{${ID_LABEL}="${id}"}`;

/** 0.001 for 1 - 0.999. */
export const exact = (value: number): number => Number(value.toPrecision(12));

/** `99.9`. */
export const percentOf = ({ objective }: Slo): string => String(exact(objective * 100));

/** `30d`, or `calendar month (Europe/Berlin)`. */
export const windowText = (window: SloWindow): string =>
  window.kind === "rolling" ? formatDuration(window.length) : `calendar ${window.unit} (${window.timeZone})`;

/** Text that Prometheus' templates shall print as it is. */
export const literal = (text: string): string => text.replaceAll("{{", '{{ "{{" }}');

function prefaceOf(slo: Slo): string {
  const about = literal(slo.description.trim().replaceAll(/\s+/g, " "));
  const sentence = about === "" || /[.!?]$/.test(about) ? about : `${about}.`;
  return `${sentence} Objective: ${percentOf(slo)}% over ${windowText(slo.window)}.`.trimStart();
}
