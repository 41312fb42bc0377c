import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crontabLine, readCrontab, type CrontabFields } from "./crontab.ts";
import { intersection, longestGap, union, type Schedule } from "./schedule.ts";

const HOUR = 3_600;
const DAY = 86_400;
const at = (text: string): number => Date.parse(text) / 1000;
const iso = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();

function fields(line: string, begin?: string, end?: string): CrontabFields {
  const [minute = "", hour = "", dom = "", month = "", dow = ""] = line.split(" ");
  return { minute, hour, dom, month, dow, begin, end };
}

function schedule(line: string, timeZone = "UTC", begin?: string, end?: string): Schedule {
  const read = readCrontab(fields(line, begin, end), timeZone);
  if (read === undefined) throw new Error(`not understood: ${line}`);
  return read;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const parts = { minute: "numeric", hour: "numeric", day: "numeric", month: "numeric", weekday: "short" } as const;
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...parts });
  clocks.set(timeZone, clock);
  return clock;
}

/** What the wall clock of a zone shows: minute, hour, day, month, day of the week. */
function wall(seconds: number, timeZone: string): readonly number[] {
  const shown = clockOf(timeZone).formatToParts(seconds * 1000);
  const parts = Object.fromEntries(shown.map(({ type, value }) => [type, value]));
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(parts["weekday"] ?? "");
  return [...["minute", "hour", "day", "month"].map((type) => Number(parts[type])), weekday];
}

describe("readCrontab", () => {
  it.each([
    ["0 0 * * *", "2026-11-26T10:00:00Z", "2026-11-27T00:00:00.000Z"],
    ["00 * * * *", "2026-11-26T10:00:00Z", "2026-11-26T11:00:00.000Z"],
    ["*/15 9-17 * * mon-fri", "2026-11-27T17:45:00Z", "2026-11-30T09:00:00.000Z"],
    ["0 3 * * sun", "2026-11-26T10:00:00Z", "2026-11-29T03:00:00.000Z"],
    ["0 3 * * 7", "2026-11-26T10:00:00Z", "2026-11-29T03:00:00.000Z"],
    ["30 4 1,15 * *", "2026-11-26T10:00:00Z", "2026-12-01T04:30:00.000Z"],
    ["0 0 1 jan *", "2026-11-26T10:00:00Z", "2027-01-01T00:00:00.000Z"],
    // either of both, as cron has it
    ["0 0 1 * fri", "2026-11-26T10:00:00Z", "2026-11-27T00:00:00.000Z"],
  ])("knows when %s runs after %s", (line, after, next) => {
    expect(iso(schedule(line).next(at(after)))).toBe(next);
  });

  it.each(["x * * * *", "61 * * * *", "0 0 31 2 *", "H * * * *", "0 0 L * *", "? * * * *", " 0 * * *", "0 0 * *"])(
    "does not understand %s",
    (line) => expect(readCrontab(fields(line), "UTC")).toBeUndefined(),
  );

  it("does not understand a time zone or a window that is none", () => {
    expect(readCrontab(fields("0 0 * * *"), "Nowhere/City")).toBeUndefined();
    expect(readCrontab(fields("0 0 * * *", "25:00", "26:00"), "UTC")).toBeUndefined();
    expect(readCrontab(fields("0 0 * * *", "noon"), "UTC")).toBeUndefined();
  });

  it("runs by the clock of the time zone", () => {
    expect(iso(schedule("0 3 * * *", "Europe/Berlin").next(at("2026-07-01T00:00:00Z")))).toBe(
      "2026-07-01T01:00:00.000Z",
    );
    expect(iso(schedule("0 3 * * *", "Asia/Kolkata").next(at("2026-07-01T00:00:00Z")))).toBe(
      "2026-07-01T21:30:00.000Z",
    );
  });

  it("leaves out a run in the hour that is not there, and knows the hours of such days", () => {
    const nightly = schedule("30 2 * * *", "Europe/Berlin");
    expect(iso(nightly.next(at("2026-03-28T12:00:00Z")))).toBe("2026-03-30T00:30:00.000Z");
    expect(iso(nightly.previous(at("2026-03-30T00:00:00Z")))).toBe("2026-03-28T01:30:00.000Z");
    const hourly = schedule("0 * * * *", "Europe/Berlin");
    expect(iso(hourly.next(at("2026-10-25T00:00:00Z")))).toBe("2026-10-25T01:00:00.000Z");
    expect(iso(nightly.next(at("2026-10-24T12:00:00Z")))).toBe("2026-10-25T00:30:00.000Z");
  });

  it("keeps within its window, also over midnight", () => {
    const work = schedule("*/15 * * * *", "UTC", "09:00", "18:00");
    expect(iso(work.next(at("2026-11-26T18:00:00Z")))).toBe("2026-11-27T09:00:00.000Z");
    expect(iso(work.next(at("2026-11-26T17:45:00Z")))).toBe("2026-11-26T18:00:00.000Z");
    expect(iso(work.previous(at("2026-11-26T09:00:00Z")))).toBe("2026-11-25T18:00:00.000Z");
    const night = schedule("0 * * * *", "UTC", "22:00", "05:30");
    expect(iso(night.next(at("2026-11-26T05:00:00Z")))).toBe("2026-11-26T22:00:00.000Z");
    expect(iso(night.previous(at("2026-11-26T12:00:00Z")))).toBe("2026-11-26T05:00:00.000Z");
  });

  it("has no runs when the window leaves none", () => {
    const never = schedule("0 3 * * *", "UTC", "09:00", "18:00");
    expect(never.next(at("2026-11-26T00:00:00Z"))).toBeUndefined();
    expect(never.previous(at("2026-11-26T00:00:00Z"))).toBeUndefined();
    expect(longestGap(never, at("2026-11-26T00:00:00Z"))).toBeUndefined();
  });
});

describe("the runs of any schedule", () => {
  const lists = (least: number, most: number) =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min: least, max: most }).map(String),
      fc
        .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 })
        .map((list) => list.join(",")),
      fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    );
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
  // weeks in which clocks are changed, and some others
  const times = fc
    .tuple(
      fc.constantFrom("2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-11-01", "2026-12-30"),
      fc.nat(3 * DAY),
    )
    .map(([day, more]) => at(`${day}T00:00:00Z`) + more);
  const contains = (field: string, value: number, least: number): boolean =>
    field.split(",").some((part) => {
      const [range = "", step = "1"] = part.split("/");
      const [from = "", to = from] = range.split("-");
      if (range === "*") return (value - least) % Number(step) === 0;
      return value >= Number(from) && value <= Number(to);
    });

  it("are the first minutes after a time that the clock and the crontab agree on", () => {
    fc.assert(
      fc.property(
        lists(0, 59),
        lists(0, 23),
        lists(1, 28),
        lists(0, 6),
        zones,
        times,
        (minutes, hour, dom, dow, zone, after) => {
          const line = [minutes, hour, dom, "*", dow].join(" ");
          const runs = schedule(line, zone);
          const next = runs.next(after);
          const isRun = (seconds: number): boolean => {
            const [m = 0, h = 0, day = 0, , weekday = 0] = wall(seconds, zone);
            const isDay = dom === "*" || contains(dom, day, 1);
            const isWeekday = dow === "*" || contains(dow, weekday, 0);
            const either = dom !== "*" && dow !== "*" ? isDay || isWeekday : isDay && isWeekday;
            return contains(minutes, m, 0) && contains(hour, h, 0) && either;
          };
          if (next === undefined) throw new Error("never");
          expect(next).toBeGreaterThan(after);
          expect(isRun(next)).toBe(true);
          expect(runs.previous(next) ?? 0).toBeLessThan(next);
          expect(runs.previous(next + 1)).toBe(next);
          const between = Math.min(next, after + 3 * HOUR);
          for (let minute = Math.floor(after / 60 + 1) * 60; minute < between; minute += 60)
            expect(isRun(minute)).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("schedules together", () => {
  const hourly = schedule("0 * * * *");
  const nightly = schedule("0 2 * * *");
  const now = at("2026-11-26T10:30:00Z");

  it("have the runs of both, or those in common", () => {
    expect(iso(union([nightly, hourly]).next(now))).toBe("2026-11-26T11:00:00.000Z");
    expect(iso(union([nightly, hourly]).previous(now))).toBe("2026-11-26T10:00:00.000Z");
    expect(iso(intersection(nightly, hourly).next(now))).toBe("2026-11-27T02:00:00.000Z");
    expect(iso(intersection(hourly, nightly).previous(now))).toBe("2026-11-26T02:00:00.000Z");
    expect(intersection(schedule("30 2 * * *"), nightly).next(now)).toBeUndefined();
  });

  it("have the gap that now lies in and the one before", () => {
    expect(longestGap(hourly, now)).toBe(HOUR);
    expect(longestGap(nightly, now)).toBe(DAY);
    const work = schedule("0 * * * mon-fri", "UTC", "09:00", "18:00");
    expect(longestGap(work, at("2026-11-28T10:00:00Z"))).toBe(63 * HOUR);
    expect(longestGap(work, at("2026-11-30T09:05:00Z"))).toBe(63 * HOUR);
    expect(longestGap(work, at("2026-11-30T11:05:00Z"))).toBe(HOUR);
  });
});

it("writes the line as a person reads it", () => {
  expect(crontabLine(fields("00 */2 * jan mon", "09:00", "18:00"))).toBe("00 */2 * jan mon");
});
