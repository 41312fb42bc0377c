import type { TimeWindow } from "../../core/telemetry.ts";

/** Steps in seconds; each divides a day, so that points of yesterday fall on those of today. */
const STEPS = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const;
const POINTS = 300;

/** The step that holds this many seconds, or nearly. */
export const stepOver = (seconds: number): number => STEPS.find((step) => step >= seconds * 0.9) ?? 3_600;

/** The step at which times of this length, in milliseconds, have about {@link POINTS} points. */
export const stepFor = (ms: number): number => stepOver(ms / 1_000 / POINTS);

/**
 * The points of a window that are multiples of the step, as `queryRange` wants them (Unix seconds, the first left out),
 * its end not included; undefined when there is none. What lies after `now` is no measurement yet.
 */
export function gridOf(
  { from, to }: TimeWindow,
  step: number,
  now: number,
): { readonly from: number; readonly to: number } | undefined {
  const first = Math.ceil(from / 1_000 / step) * step;
  const last = Math.floor((Math.min(to, now + 1) - 1) / 1_000 / step) * step;
  return last < first ? undefined : { from: first - step, to: last };
}
