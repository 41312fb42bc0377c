import type { MetricSeries } from "../../core/telemetry.ts";
import { OF_COUNTER } from "./begun.ts";

/** Of fewer events more than usual nothing is said, as of fewer lines and spans: the rate of a counter shows each of them for a while. */
export const LEAST_EVENTS = 5;
/** What counters of these names count is a quantity, not events. */
const OF_QUANTITY = /(?:seconds|bytes|joules|ratio|celsius|meters|grams|volts|amperes|percent)(?:_total)?$|_sum$/i;
/** Of these a single one is news. */
const RARE = /restart|oom|kill|crash|evict|reboot|panic|corrupt/i;

/** Whether a counter counted hardly more events in the window than in as much of the time before. */
export function isFewEvents({ metric, expr, window, before, stepMs }: MetricSeries): boolean {
  if (!OF_COUNTER.test(expr) || OF_QUANTITY.test(metric) || RARE.test(metric)) return false;
  const more = window.length * (meanOf(window) - meanOf(before)) * (stepMs / 1_000);
  // a rate is computed of a few numbers, and five of it may be a little less
  return more < LEAST_EVENTS - 0.5;
}

const meanOf = (points: MetricSeries["window"]): number =>
  points.reduce((sum, [, value]) => sum + value, 0) / Math.max(1, points.length);
