import { SLICE_SECONDS, type GroupHistory, type Slices } from "./increments.ts";
import type { Span } from "./spans.ts";
import { addSlices, measuredSince, nothing, type Adding } from "./tally.ts";

export const DAY_SECONDS = 86_400;
const SLICES = DAY_SECONDS / SLICE_SECONDS;

/** 5 minute values after the start of a day until its end; of half the size, which is still good to the 7th digit. */
interface Points extends Pick<Slices, "total" | "errors"> {
  readonly total: Float32Array;
  readonly errors: Float32Array;
}

/** A day of one group, added up, and the end of the first slice in which it was measured. */
type DaySum = readonly [total: number, errors: number, measured: number, bad: number, first: number];

/** Both by group, in the order of the SLO's groups, with holes for those that were not measured. */
export type DayPoints = (Points | undefined)[];
export interface DaySums {
  /** The time that does not count, as text: sums without other time are other sums. */
  readonly without: string;
  readonly slices: number;
  readonly groups: readonly (DaySum | undefined)[];
}

/**
 * What is known of one SLO in one day (UTC): points while the day goes on or a window begins in it, else what they add
 * up to. Without either it must be read.
 */
export interface Day {
  readonly start: number;
  /** Until here nothing will change any more, Unix seconds. */
  settled: number;
  points: DayPoints | undefined;
  sums: DaySums | undefined;
}

export const newDay = (start: number): Day => ({ start, settled: start, points: [], sums: undefined });

/** Whether nothing will change any more in the whole day. */
export const isOver = ({ start, settled }: Day): boolean => settled >= start + DAY_SECONDS;

/** Where the days (UTC) of a span begin. */
export function daysOf({ from, to }: Span): number[] {
  const first = Math.floor(from / DAY_SECONDS);
  const count = Math.max(0, Math.ceil(to / DAY_SECONDS) - first);
  return Array.from({ length: count }, (_, i) => (first + i) * DAY_SECONDS);
}

/** Puts what was read of a span of a day in place of what was known of it. `indexOf` gives each group its place. */
export function replacePoints(
  all: DayPoints,
  start: number,
  span: Span,
  histories: readonly GroupHistory[],
  indexOf: (group: GroupHistory["group"]) => number,
): void {
  const from = (span.from - start) / SLICE_SECONDS;
  const to = (span.to - start) / SLICE_SECONDS;
  for (const points of all) {
    points?.total.fill(Number.NaN, from, to);
    points?.errors.fill(Number.NaN, from, to);
  }
  for (const { group, history } of histories) {
    const points = (all[indexOf(group)] ??= unmeasured());
    points.total.set(history.total, from);
    points.errors.set(history.errors, from);
  }
}

/** What is to be counted of a day, and how. */
interface Part {
  readonly span: Span;
  readonly excluded: readonly Span[];
  /** Share of a slice that may fail before it is bad. */
  readonly allowed: number;
}

/** Adds the slices of a day that are in the span. */
export function addPoints(
  sum: Adding,
  start: number,
  points: Points | undefined,
  { span, excluded, allowed }: Part,
): void {
  const within = { from: Math.max(span.from, start), to: Math.min(span.to, start + DAY_SECONDS) };
  addSlices(sum, { ...onGrid(start, points ?? UNMEASURED), excluded }, within, allowed);
}

/** Adds up a whole day. */
export function sumUp(start: number, points: DayPoints, how: Omit<Part, "span">, without: string): DaySums {
  const part = { span: { from: start, to: start + DAY_SECONDS }, ...how };
  const empty = nothing();
  if (how.excluded.length > 0) addPoints(empty, start, undefined, part);
  return {
    without,
    slices: how.excluded.length > 0 ? empty.slices : SLICES,
    groups: Array.from(points, (of) => {
      const first = of && measuredSince(onGrid(start, of));
      if (first === undefined) return undefined;
      const sum = nothing();
      addPoints(sum, start, of, part);
      return [sum.total, sum.errors, sum.measured, sum.bad, first];
    }),
  };
}

const onGrid = (start: number, points: Points) => ({ start: start + SLICE_SECONDS, step: SLICE_SECONDS, ...points });

const unmeasured = (): Points => ({
  total: new Float32Array(SLICES).fill(Number.NaN),
  errors: new Float32Array(SLICES).fill(Number.NaN),
});
const UNMEASURED = unmeasured();
