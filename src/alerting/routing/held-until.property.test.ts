import fc from "fast-check";
import { expect, it } from "vitest";
import type { Route, TimeInterval, TimeRange } from "../../core/routing.ts";
import { route } from "./__fixtures__/routes.ts";
import { heldUntil } from "./held-until.ts";

/** The same by another way: the wall clock of the platform's own calendar, asked for every minute. */
function naiveHeldUntil(one: Route, intervals: readonly TimeInterval[], from: number, minutes: number) {
  const holds = (at: number): boolean => {
    const within = (names: readonly string[]) =>
      intervals.some(({ name, ranges }) => names.includes(name) && ranges.some((range) => naiveContains(range, at)));
    return within(one.muteTimeIntervals) || (one.activeTimeIntervals.length > 0 && !within(one.activeTimeIntervals));
  };
  for (let i = 0; i <= minutes; i++) if (!holds(from + i * 60_000)) return i;
  return undefined;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const formats = new Map<string, Intl.DateTimeFormat>();
const known = new Map<string, Readonly<Record<string, string>>>();

function wallClock(location: string, at: number): Readonly<Record<string, string>> {
  const format =
    formats.get(location) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: location,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      weekday: "short",
    });
  formats.set(location, format);
  const key = `${location} ${at}`;
  const parts =
    known.get(key) ?? Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value] as const));
  known.set(key, parts);
  return parts;
}

function naiveContains(range: TimeRange, at: number): boolean {
  const parts = wallClock(range.location, at);
  const [year, month, day] = [Number(parts["year"]), Number(parts["month"]), Number(parts["day"])];
  const minute = Number(parts["hour"]) * 60 + Number(parts["minute"]);
  const fromEnd = day - new Date(Date.UTC(year, month, 0)).getUTCDate() - 1;
  const has = (bounds: readonly { start: number; end: number }[] | undefined, value: number, last = value): boolean =>
    bounds?.some(({ start, end }) => start <= (start < 0 ? last : value) && (end < 0 ? last : value) <= end) ?? true;
  return (
    has(
      range.times?.map(({ start, end }) => ({ start, end: end - 1 })),
      minute,
    ) &&
    has(range.weekdays, WEEKDAYS.indexOf(parts["weekday"] ?? "")) &&
    has(range.daysOfMonth, day, fromEnd) &&
    has(range.months, month) &&
    has(range.years, year)
  );
}

const ordered = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
    .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const rarely = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, value);
const some = <T>(bounds: fc.Arbitrary<T>) => fc.array(bounds, { minLength: 1, maxLength: 3 });
/** Places, and moments at which their clocks are changed. */
const PLACES = [
  ["UTC", "2028-02-29T00:00Z"],
  ["Europe/Berlin", "2026-03-29T01:00Z"],
  ["Europe/Berlin", "2026-10-25T01:00Z"],
  ["America/New_York", "2026-11-01T06:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T15:30Z"],
  ["Africa/Casablanca", "2026-02-15T02:00Z"],
  ["America/Santiago", "2026-09-06T04:00Z"],
  ["Asia/Kathmandu", "2026-12-31T18:15Z"],
] as const;

const rangeAt = (location: string): fc.Arbitrary<TimeRange> =>
  fc.record({
    times: some(ordered(0, 24).map(({ start, end }) => ({ start: start * 15, end: (end + 1) * 15 }))),
    weekdays: rarely(some(ordered(0, 6))),
    daysOfMonth: rarely(some(fc.oneof(ordered(1, 31), ordered(-31, -1), fc.constant({ start: 20, end: -2 })))),
    months: rarely(some(ordered(1, 12))),
    years: fc.constant(undefined),
    location: fc.constantFrom(location, location, location, "Pacific/Apia"),
  });

const situation = fc.constantFrom(...PLACES).chain(([location, change]) =>
  fc.record({
    a: fc.array(rangeAt(location), { minLength: 1, maxLength: 2 }),
    b: rangeAt(location),
    mute: fc.subarray(["a", "b"]),
    active: fc.subarray(["a", "b"]),
    at: fc.integer({ min: -240, max: 120 }).map((minutes) => Date.parse(change) + minutes * 60_000 + 7),
  }),
);

const MINUTES = 360;

it("a hold ends at the minute that an evaluation of every minute finds", () => {
  fc.assert(
    fc.property(situation, ({ a, b, mute, active, at }) => {
      const intervals = [
        { name: "a", ranges: a },
        { name: "b", ranges: [b] },
      ];
      const one = route("a", "", { muteTimeIntervals: mute, activeTimeIntervals: active });
      const from = Math.floor(at / 60_000) * 60_000;
      const found = heldUntil(one, intervals, new Date(at))?.getTime();
      const inMinutes = found === undefined ? 0 : (found - from) / 60_000;
      expect(inMinutes > MINUTES ? undefined : inMinutes).toBe(naiveHeldUntil(one, intervals, from, MINUTES));
    }),
    { numRuns: 300 },
  );
}, 120_000);
