import type { TimeWindow } from "../../../core/telemetry.ts";

/** Minutes between the marks of an axis: the first that leaves room for their texts. */
const MINUTES = [5, 10, 15, 30, 60, 120, 360, 720];

/**
 * Round times for the axis of a chart, at most `most` or a few more, with their texts; the first says that they are
 * UTC.
 */
export function timeMarks(
  { from, to }: TimeWindow,
  most: number,
): readonly { readonly at: number; readonly text: string }[] {
  const step = 60_000 * (MINUTES.find((minutes) => (to - from) / (minutes * 60_000) <= most) ?? 1_440);
  const first = Math.ceil((from + step / 4) / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => {
    const at = first + i * step;
    return { at, text: `${clock(at).slice(0, 5)}${i === 0 ? " UTC" : ""}` };
  });
}

/** The time of day in UTC, to the second. */
export const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
