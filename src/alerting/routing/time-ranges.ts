import { IANAZone } from "luxon";
import type { TimeInterval, TimeRange } from "../../core/routing.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Whether the minute that `at` (Unix milliseconds) belongs to is in the interval. */
export const contains = ({ ranges }: TimeInterval, at: number): boolean =>
  ranges.some((range) => rangeContains(range, at));

/**
 * A later moment until which nothing changes: whether the range contains a minute is the same for all of them from `at`
 * until there. At most a day later.
 */
export function steadyUntil({ times = [], location }: TimeRange, at: number): number {
  const from = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  const { minute } = localTime(location, from);
  const later = times.flatMap(({ start, end }) => [start, end]).filter((bound) => bound > minute);
  const until = from + (Math.min(DAY_MINUTES, ...later) - minute) * MINUTE_MS;
  return firstShift(location, from, until) ?? until;
}

/**
 * The first minute of another offset from UTC, such as that of summer time; undefined when it is the same throughout.
 */
function firstShift(location: string, from: number, until: number): number | undefined {
  const offset = offsetAt(location, from);
  if (offsetAt(location, until) === offset) return undefined;
  let [before, after] = [from, until];
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(location, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** Of each place, the newest stretch of time in which its offset is the same: asking the platform takes far longer. */
const stretches = new Map<string, { readonly from: number; readonly to: number; readonly offset: number }>();

/** Minutes that the place's clock is ahead of UTC. Nobody changes clocks twice within a day. */
function offsetAt(location: string, at: number): number {
  const known = stretches.get(location);
  if (known !== undefined && known.from <= at && at <= known.to) return known.offset;
  const offset = IANAZone.create(location).offset(at);
  const goesOn = known?.offset === offset && known.to < at && at <= known.to + DAY_MINUTES * MINUTE_MS;
  stretches.set(location, { from: goesOn ? known.from : at, to: at, offset });
  return offset;
}

interface LocalTime {
  /** Since midnight by the clock on the wall. */
  readonly minute: number;
  readonly weekday: number;
  readonly day: number;
  readonly daysInMonth: number;
  readonly month: number;
  readonly year: number;
}

function localTime(location: string, at: number): LocalTime {
  const wall = new Date(at + offsetAt(location, at) * MINUTE_MS);
  const [year, month] = [wall.getUTCFullYear(), wall.getUTCMonth() + 1];
  return {
    minute: wall.getUTCHours() * 60 + wall.getUTCMinutes(),
    weekday: wall.getUTCDay(),
    day: wall.getUTCDate(),
    daysInMonth: new Date(Date.UTC(year, month, 0)).getUTCDate(),
    month,
    year,
  };
}

interface Bounds {
  readonly start: number;
  readonly end: number;
}

function rangeContains(range: TimeRange, at: number): boolean {
  const { minute, weekday, day, daysInMonth, month, year } = localTime(range.location, at);
  const within = (bounds: readonly Bounds[] | undefined, value: number): boolean =>
    bounds === undefined || bounds.some(({ start, end }) => start <= value && value <= end);
  const fromMonthsEnd = (days: number): number => (days < 0 ? daysInMonth + 1 + days : days);
  const days = range.daysOfMonth?.map(({ start, end }) => ({ start: fromMonthsEnd(start), end: fromMonthsEnd(end) }));
  return (
    (range.times === undefined || range.times.some(({ start, end }) => start <= minute && minute < end)) &&
    within(range.weekdays, weekday) &&
    within(days, day) &&
    within(range.months, month) &&
    within(range.years, year)
  );
}
