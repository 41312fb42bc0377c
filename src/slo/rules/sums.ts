import { formatDuration, hours, minutes, type Duration } from "../../core/duration.ts";
import { ERRORS, TOTAL } from "../conventions.ts";
import { series, SLICE } from "./context.ts";

/** Up to here windows are looked at every minute, so that they know of the last one; slices then count five times, both sides. */
const FRESH = hours(1);

const stepOf = (window: Duration): Duration => (window <= FRESH ? minutes(1) : SLICE);

/** How often an event counts in {@link over} of the window. */
export const overlapOf = (window: Duration): number => SLICE / stepOf(window);

const ranges = new Map<Duration, string>();

/** The range by which the slices of a window are added up, such as `[6h:5m]`. */
function rangeOf(window: Duration): string {
  // thousands of SLOs have a handful of windows
  const text = ranges.get(window) ?? `[${formatDuration(window)}:${formatDuration(stepOf(window))}]`;
  ranges.set(window, text);
  return text;
}

/** `sum_over_time` or `count_over_time` of a recorded series over a window. */
export const over = (how: "sum" | "count", metric: string, id: string, window: Duration): string =>
  `${how}_over_time(${series(metric, id)}${rangeOf(window)})`;

/**
 * Share of failed events over a window, sum by sum, so that a busy hour weighs more than a quiet one; nothing when nothing
 * happened, never NaN.
 */
export function ratioOver(id: string, window: Duration, [errors, total]: readonly [string, string] = [ERRORS, TOTAL]) {
  if (window <= SLICE) return `${series(errors, id)} / (${series(total, id)} > 0)`;
  return `${over("sum", errors, id, window)} / (${over("sum", total, id, window)} > 0)`;
}
