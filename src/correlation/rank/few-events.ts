import type { MetricSeries } from "../../core/telemetry.ts";
import { OF_COUNTER } from "./begun.ts";

/**
 * Of fewer events more than usual nothing is said, as of fewer lines and spans: the rate of a counter shows each of
 * them for a while.
 */
export const LEAST_EVENTS = 5;
/** What counters of these names count is a quantity, not events. */
const OF_QUANTITY = /(?:seconds|bytes|joules|ratio|celsius|meters|grams|volts|amperes|percent)(?:_total)?$|_sum$/i;
/** Of these a single one is news where none came before. */
const RARE =
  /restart|(?<![a-z])(?:oom|kill)|crash|reboot|panic|corrupt|checksum|uncorrect|fatal|segfault|data_?loss|dead_?lock|fail_?over|unclean|leader_change|backup.*(?:fail|error)|(?:fail|error).*backup|job_.*fail/i;
/** Of these a few are news; one comes now and then where nothing is wrong, such as a client that goes away. */
const SELDOM = /evict|abort|shutdown|backup/i;
const SUCCESS = /success|succeed|complet/i;

/**
 * Whether counters of one metric counted hardly more events together in the window than in as much of the time before.
 */
export function areFewEvents(group: readonly MetricSeries[]): boolean {
  const isCommon = ({ metric }: MetricSeries): boolean => !RARE.test(metric) && !SELDOM.test(metric);
  if (!group.every((series) => countsEvents(series) && isCommon(series))) return false;
  const more = group.reduce(
    (sum, { window, before, stepMs }) => sum + (meanOf(window) - meanOf(before)) * over(window, stepMs),
    0,
  );
  // a rate is computed of a few numbers, and five of it may be a little less
  return more < LEAST_EVENTS - 0.5;
}

/**
 * How many events a counter of what is rare counted in the window; undefined of others, and where it counted any at a
 * usual time.
 */
export function rareEvents(series: MetricSeries): number | undefined {
  const { metric, window, before, yesterday, lastWeek, stepMs } = series;
  if (!countsEvents(series) || !RARE.test(metric) || SUCCESS.test(metric)) return undefined;
  if ([before, yesterday, lastWeek].some((points) => points.some(([, value]) => value !== 0))) return undefined;
  const count = meanOf(window) * over(window, stepMs);
  // the end of the window may cut off a part of what the rate shows of an event
  return count > 0 ? Math.max(1, Math.round(count)) : undefined;
}

const countsEvents = ({ expr, metric }: MetricSeries): boolean => OF_COUNTER.test(expr) && !OF_QUANTITY.test(metric);

/** Seconds. */
const over = (points: MetricSeries["window"], stepMs: number): number => points.length * (stepMs / 1_000);

const meanOf = (points: MetricSeries["window"]): number =>
  points.reduce((sum, [, value]) => sum + value, 0) / Math.max(1, points.length);
