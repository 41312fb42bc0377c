import { hours, type Duration } from "../../core/duration.ts";
import type { Piece } from "./group-histories.ts";
import { SLICE_SECONDS } from "./increments.ts";
import type { Span } from "./spans.ts";

export const DAY_SECONDS = 86_400;
const SLICES = DAY_SECONDS / SLICE_SECONDS;

/** After this a day is asked for again, since the past may have been filled in later. */
const KEPT: Duration = hours(6);

type Values = Map<"total" | "errors", Float64Array>;

/** What is known of one SLO in one day: 5 minute values after `start` until a day later, by series. */
export interface Day {
  readonly start: number;
  /** Until here nothing will change any more, Unix seconds. */
  settled: number;
  readonly series: Map<string, { readonly labels: Readonly<Record<string, string>>; readonly values: Values }>;
}

/** The days of many SLOs, so that only what is new has to be asked for. */
export class DayCache {
  readonly #days = new Map<string, { readonly madeAt: number; readonly day: Day }>();
  readonly #now: () => number;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The day that begins at `start`, empty when it is not known. */
  day(sloId: string, start: number): Day {
    const key = `${start} ${sloId}`;
    const known = this.#days.get(key);
    if (known !== undefined) return known.day;
    const day: Day = { start, settled: start, series: new Map() };
    this.#days.set(key, { madeAt: this.#now(), day });
    return day;
  }

  /** Forgets what was read long ago. */
  sweep(): void {
    const oldest = this.#now() - KEPT;
    for (const [key, { madeAt }] of this.#days) if (madeAt < oldest) this.#days.delete(key);
  }
}

/** Makes a span of a day unknown again. */
export function clearDay(day: Day, { from, to }: Span): void {
  for (const { values } of day.series.values())
    for (const array of values.values()) array.fill(Number.NaN, indexIn(day, from) + 1, indexIn(day, to) + 1);
}

/** Sets values of one series of a day; those of other days are passed over. */
export function fillDay(
  day: Day,
  labels: Readonly<Record<string, string>>,
  what: "total" | "errors",
  values: readonly (readonly [at: number, value: number])[],
): void {
  const key = JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const series = day.series.get(key) ?? { labels, values: new Map() };
  const array = series.values.get(what) ?? new Float64Array(SLICES).fill(Number.NaN);
  for (const [at, value] of values) {
    const i = indexIn(day, at);
    if (Number.isInteger(i) && i >= 0 && i < SLICES) array[i] = value;
  }
  series.values.set(what, array);
  day.series.set(key, series);
}

const indexIn = ({ start }: Day, at: number): number => (at - start) / SLICE_SECONDS - 1;

/** The series of a day of which both numbers are known. */
export const piecesOf = ({ start, series }: Day): readonly Piece[] =>
  [...series.values()].flatMap(({ labels, values }) => {
    const total = values.get("total");
    const errors = values.get("errors");
    return total === undefined || errors === undefined ? [] : [{ labels, start: start + SLICE_SECONDS, total, errors }];
  });
