import { hours, inSeconds, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import type { Span } from "./spans.ts";

/** Over how long one value of a history counts. */
export const SLICE = minutes(5);
export const SLICE_SECONDS = inSeconds(SLICE);

/** Up to here rules know of what happened last, in seconds. */
export const FRESH = inSeconds(hours(1));

/**
 * What an SLO, or one group of it, counted: at each step the events of the 5 minutes until then and those of them that
 * failed. NaN is where it was not measured.
 */
export interface History {
  /** Unix seconds of the first value; a multiple of `step`. */
  readonly start: number;
  /** Seconds from value to value: 300, or 60 for what must be as fine as rules see it. */
  readonly step: number;
  readonly total: Float64Array;
  readonly errors: Float64Array;
  /** Time that does not count, in order and without overlap. */
  readonly excluded: readonly Span[];
}

/** One group of an SLO, `{}` where it has no groups. */
export interface GroupHistory {
  readonly group: Readonly<Record<string, string>>;
  readonly history: History;
}

/** Unix seconds, events, failed events. */
export type Increment = readonly [at: number, total: number, errors: number];

/** What happened in a span. */
export interface Sum {
  readonly total: number;
  readonly errors: number;
  /** Slices in which it was measured. */
  readonly measured: number;
  /** Slices that count: all but the excluded. */
  readonly slices: number;
}

/**
 * A history after `span.from` until `span.to` from values in any order; those off the grid, negative or not finite are
 * unknown, and so are both numbers of a pair of which one is.
 */
export function historyOf(values: Iterable<Increment>, span: Span, step = SLICE_SECONDS): History {
  const start = (Math.floor(span.from / step) + 1) * step;
  const length = Math.max(0, Math.floor(span.to / step) - start / step + 1);
  const total = new Float64Array(length).fill(Number.NaN);
  const errors = new Float64Array(length).fill(Number.NaN);
  for (const [at, events, failed] of values) {
    const i = (at - start) / step;
    if (!Number.isInteger(i) || i < 0 || i >= length || !isCount(events) || !isCount(failed)) continue;
    total[i] = events;
    errors[i] = failed;
  }
  return { start, step, total, errors, excluded: [] };
}

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

/** The history with more time taken out. */
export const excluding = (history: History, excluded: readonly Span[]): History => ({ ...history, excluded });

/** Values of a history, of whatever precision. */
export interface Slices extends Pick<History, "start" | "step" | "excluded"> {
  readonly total: ArrayLike<number>;
  readonly errors: ArrayLike<number>;
}

/** Calls for each slice that counts, at its end, from the first after `from` until `to`. */
export function eachSlice(
  history: Slices,
  { from, to }: Span,
  visit: (at: number, total: number, errors: number) => void,
  stride = SLICE_SECONDS,
): void {
  const { start, step, total, errors, excluded } = history;
  let next = 0;
  for (let at = (Math.floor(from / stride) + 1) * stride; at <= to; at += stride) {
    let out = excluded[next];
    while (out !== undefined && out.to <= at - SLICE_SECONDS) out = excluded[++next];
    if (out !== undefined && out.from < at) continue;
    const i = (at - start) / step;
    visit(at, total[i] ?? Number.NaN, errors[i] ?? Number.NaN);
  }
}

/** Adds up the slices of a span, each 5 minutes once. */
export function sumOf(history: History, span: Span, stride = SLICE_SECONDS): Sum {
  const sum = { total: 0, errors: 0, measured: 0, slices: 0 };
  eachSlice(
    history,
    span,
    (_, total, errors) => {
      sum.slices++;
      if (Number.isNaN(total)) return;
      sum.measured++;
      sum.total += total;
      sum.errors += errors;
    },
    stride,
  );
  return sum;
}

/** What happened in a window that ends at any of the history's steps: each 5 minutes of it once, from its end back. */
export function sumUntil({ start, step, total, errors }: History, at: number, window: Duration): Sum {
  const sum = { total: 0, errors: 0, measured: 0, slices: 0 };
  for (let end = at; end > at - inSeconds(window); end -= SLICE_SECONDS) {
    const i = (end - start) / step;
    sum.slices++;
    if (Number.isNaN(total[i] ?? Number.NaN)) continue;
    sum.measured++;
    sum.total += total[i] ?? 0;
    sum.errors += errors[i] ?? 0;
  }
  return sum;
}

/** How far apart the values of a window are taken: at the history's own step while it is short. */
export const strideOf = ({ step }: History, window: number): number => (window <= FRESH ? step : SLICE_SECONDS);

/** Share of failed events in the window that ends at `at`; undefined when nothing happened or nothing was measured. */
export function ratioAt(history: History, at: number, window: Duration): number | undefined {
  const length = inSeconds(window);
  const from = length <= SLICE_SECONDS ? at - 1 : at - length;
  return ratioOfSum(sumOf(history, { from, to: at }, strideOf(history, length)));
}

/** Failed events of all; undefined when there were none. */
export const ratioOfSum = ({ total, errors }: Pick<Sum, "total" | "errors">): number | undefined =>
  total > 0 ? errors / total : undefined;

/** The last full slice's end. */
export const gridTime = (unixSeconds: number, step = SLICE_SECONDS): number => Math.floor(unixSeconds / step) * step;

/** Time that a number of slices takes. */
export const timeOf = (slices: number): Duration => milliseconds(slices * SLICE);
