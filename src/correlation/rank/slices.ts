import type { TimeWindow } from "../../core/telemetry.ts";

/** Slices of the window, and of the time before it as many of the same length as there are. */
const OF_WINDOW = 30;
const MOST_SLICES = 2_000;

/** Counts of what happened, slice by slice. */
export interface Slices {
  /** Takes note of one event; what lies outside counts for the nearest slice. */
  readonly sliceOf: (at: number) => number;
  readonly count: number;
}

/** Cuts a time into slices of the given length. */
export function cut({ from, to }: TimeWindow, sliceMs: number): Slices {
  const count = Math.max(1, Math.min(MOST_SLICES, Math.ceil((to - from) / sliceMs)));
  return { count, sliceOf: (at) => Math.max(0, Math.min(count - 1, Math.floor((at - from) / sliceMs))) };
}

/** How long a slice is: a thirtieth of the window, at least ten seconds. */
export const sliceLength = ({ from, to }: TimeWindow): number => Math.max(10_000, (to - from) / OF_WINDOW);
