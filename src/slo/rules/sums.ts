import { formatDuration, hours, minutes, type Duration } from "../../core/duration.ts";
import { ERRORS, inStep, TOTAL } from "../conventions.ts";
import { exact, series, SLICE, type RuleContext } from "./context.ts";

/** Up to here windows know of what happened last: step by step, or of estimates every minute. */
const FRESH = hours(1);

/** Whether a window is added up step by step. */
const isStepped = ({ stepped }: RuleContext, count: string, window: Duration): boolean =>
  window <= FRESH && stepped?.counts.includes(count) === true;

/**
 * An estimate by `increase` tells 0.84 to 1.11 N over an hour with scrapes every 15 to 60 seconds, so a minimum of N is
 * taken to be reached from here on.
 */
export const ESTIMATE = 0.8;

/** From which {@link sumOver} on a minimum is reached: estimates of 5 minutes that are taken every minute overlap. */
export function leastOf(context: RuleContext, count: string, window: Duration, minimum: number): number {
  if (context.stepped?.counts.includes(count) === true) return minimum;
  return exact(minimum * ESTIMATE * (window <= FRESH ? SLICE / minutes(1) : 1));
}

const ranges = new Map<string, string>();

/** The range by which the counts of a window are added up, such as `[6h:5m]`. */
function rangeOf(window: Duration, isBySteps: boolean): string {
  // thousands of SLOs have a handful of windows
  const key = `${window} ${isBySteps}`;
  const step = isBySteps ? "" : `:${formatDuration(window <= FRESH ? minutes(1) : SLICE)}`;
  const text = ranges.get(key) ?? `[${formatDuration(window)}${step}]`;
  ranges.set(key, text);
  return text;
}

/** The sum of a count over a window. */
export function sumOver(context: RuleContext, count: string, window: Duration): string {
  const isBySteps = isStepped(context, count, window);
  const metric = isBySteps ? inStep(count, formatDuration(context.step)) : count;
  return `sum_over_time(${series(metric, context.slo.id)}${rangeOf(window, isBySteps)})`;
}

/** How many 5 minutes of a window were measured. */
export const measuredOver = (id: string, window: Duration): string =>
  `count_over_time(${series(TOTAL, id)}${rangeOf(window, false)})`;

/**
 * Share of failed events over a window, sum by sum, so that a busy hour weighs more than a quiet one; nothing when
 * nothing happened, never NaN.
 */
export function ratioOver(
  context: RuleContext,
  window: Duration,
  [errors, total]: readonly [string, string] = [ERRORS, TOTAL],
): string {
  const { id } = context.slo;
  if (window <= SLICE) return `${series(errors, id)} / (${series(total, id)} > 0)`;
  return `${sumOver(context, errors, window)} / (${sumOver(context, total, window)} > 0)`;
}
