import { days, formatDuration, hours, minutes, type Duration } from "../../core/duration.ts";
import {
  BUDGET_LEFT,
  COVERAGE,
  CURRENT_BURN_RATE,
  ERROR_BUDGET,
  errorRatio,
  ID_LABEL,
  INFO,
  OBJECTIVE,
  PERIOD_BURN_RATE,
  PERIOD_DAYS,
  SLOTH_LABELS,
} from "../conventions.ts";
import type { Slo, SloRule } from "../model.ts";
import { slothInfo } from "./compat-sloth.ts";
import { exact, percentOf, series, SLICE, windowText, type RuleContext } from "./context.ts";
import { sliRecords } from "./sli.ts";
import { measuredOver, ratioOver } from "./sums.ts";

/** Windows up to here are evaluated with the events themselves, and up to this one where pages need them. */
const FAST = hours(1);
const FAST_FOR_PAGES = hours(6);

/** Events, the ratios of short windows, and how fast the budget burns now. */
export function fastRecords(context: RuleContext): SloRule[] {
  const current = `${ratio(context, SLICE)} / ${context.budget}`;
  return [
    ...sliRecords(context),
    ...context.windows.filter((window) => isFast(context, window)).map((window) => ratioRecord(context, window)),
    record(context, CURRENT_BURN_RATE, current),
  ];
}

const isFast = ({ tiers }: RuleContext, window: Duration): boolean =>
  window <= FAST ||
  (window <= FAST_FOR_PAGES &&
    tiers.some(({ alert, long, short }) => alert === "page" && (long === window || short === window)));

/** The ratios of long windows, as far as alerts ask for them. */
export const slowRatios = (context: RuleContext): SloRule[] =>
  context.windows
    .filter((window) => !isFast(context, window) && window !== context.period)
    .map((window) => ratioRecord(context, window));

/**
 * The budget of the whole window. Measured without any event nothing was burnt, and not measured nothing is known: the
 * records are absent then. A calendar window is taken by its usual length, as rules can not know where a month begins.
 */
export function budgetRecords(context: RuleContext): SloRule[] {
  const { slo, budget, period } = context;
  const measured = `${measuredOver(slo.id, period)} / ${period / SLICE}`;
  const burn = `${ratio(context, period)} / ${budget} or ${series(COVERAGE, slo.id)} * 0`;
  return [
    record(context, COVERAGE, `clamp_max(${measured}, 1)`),
    ...(isFast(context, period) ? [] : [ratioRecord(context, period)]),
    record(context, PERIOD_BURN_RATE, burn),
    record(context, BUDGET_LEFT, `1 - ${series(PERIOD_BURN_RATE, slo.id)}`),
  ];
}

/** What does not change unless the SLO does. */
export function constantRecords(context: RuleContext): SloRule[] {
  const { slo, budget, period } = context;
  return [
    record(context, OBJECTIVE, `vector(${exact(slo.objective)})`),
    record(context, ERROR_BUDGET, `vector(${budget})`),
    record(context, PERIOD_DAYS, `vector(${exact(period / days(1))})`),
    { record: INFO, expr: "vector(1)", labels: infoLabels(slo) },
    ...(context.compat === "sloth" ? [slothInfo(context)] : []),
  ];
}

/** A recorded ratio as an operand of other rules, without the label of its window. */
export function ratio({ slo, compat }: RuleContext, window: Duration): string {
  const recorded = series(errorRatio(formatDuration(window)), slo.id);
  return compat === "sloth" ? `max without (${SLOTH_LABELS.window}) (${recorded})` : recorded;
}

const record = ({ identity }: RuleContext, name: string, expr: string): SloRule => ({
  record: name,
  expr,
  labels: identity,
});

function ratioRecord(context: RuleContext, window: Duration): SloRule {
  const { identity, compat } = context;
  const text = formatDuration(window);
  const labels = compat === "sloth" ? { ...identity, [SLOTH_LABELS.window]: text } : identity;
  return { record: errorRatio(text), expr: ratioOver(context, window), labels };
}

const infoLabels = (slo: Slo): Readonly<Record<string, string>> => ({
  ...slo.labels,
  [ID_LABEL]: slo.id,
  slo_service: slo.service,
  slo_name: slo.name,
  slo_objective: percentOf(slo),
  slo_window: windowText(slo.window),
});

/**
 * How often the slow groups are evaluated. Slower than Prometheus looks back (5 m), alerts would lose sight of a ratio.
 */
export const SLOW_INTERVAL = minutes(2);
