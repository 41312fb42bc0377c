import { bucketMatcher, withMatcher } from "../promql/histogram.ts";
import { aggregate } from "../rules/aggregate.ts";

/** PromQL of all events and of those that failed, with `$window` left open. */
export interface Counts {
  readonly total: string;
  readonly errors: string;
}

/**
 * What is not good failed, also when nothing at all is good; counters that are read a moment apart give no less than 0.
 */
export function notGood(total: string, good: string, by: readonly string[]): string {
  const [all, those] = [aggregate("sum", total, by), aggregate("sum", good, by)];
  return `clamp_min(${all} - (${those} or ${all} * 0), 0)`;
}

/** Slow events of a classic histogram by its name, label matchers such as `{job="api"}`, and the bound of a bucket. */
export const classicLatency = (name: string, selector: string, bound: number, by: readonly string[]): Counts =>
  slowEvents(`${name}_count${selector}`, withMatcher(`${name}_bucket`, selector, bucketMatcher(bound)), by);

/**
 * Events that are not in a bucket, by the selectors of all and of the bucket. Without its bucket nothing is known:
 * there are no events then, so that a threshold that is no bound is seen.
 */
export function slowEvents(count: string, bucket: string, by: readonly string[]): Counts {
  const all = aggregate("sum", `increase(${count}[$window])`, by);
  const fast = aggregate("sum", `increase(${bucket}[$window])`, by);
  return { total: `${all} and ${fast}`, errors: `clamp_min(${all} - ${fast}, 0)` };
}

/** Slow events of a native histogram by its selector. The fraction of no events is NaN, which `>= 0` leaves out. */
export function nativeLatency(selector: string, bound: number, by: readonly string[]): Counts {
  const all = aggregate("sum", `increase(${selector}[$window])`, by);
  const slow = `histogram_count(${all}) * (1 - histogram_fraction(-Inf, ${bound}, ${all}))`;
  return { total: `histogram_count(${all})`, errors: `clamp_min(${slow}, 0) >= 0` };
}

/** Samples of a gauge that is 1 or 0, by its selector; those that are 0 failed. */
export function gaugeSamples(selector: string, by: readonly string[]): Counts {
  const all = aggregate("sum", `count_over_time(${selector}[$window])`, by);
  const good = aggregate("sum", `sum_over_time(${selector}[$window])`, by);
  return { total: all, errors: `clamp_min(${all} - ${good}, 0)` };
}
