import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longestInterval } from "./schedule.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

describe("longestInterval", () => {
  it.each([
    ["*/30", 30 * MINUTE],
    ["30", HOUR],
    ["*", MINUTE],
    ["0/2:00", 2 * HOUR],
    ["2:30", DAY],
    ["2,14:30", 12 * HOUR],
    ["8..17:0/30", 14 * HOUR + 30 * MINUTE],
    ["22:00:30", DAY],
    ["sun 02:00", WEEK],
    ["Sunday 02:00 UTC", WEEK],
    ["sat", WEEK],
    ["mon..fri 22:00", 3 * DAY],
    ["fri..mon 3:00", 4 * DAY],
    ["sat,sun", 6 * DAY],
    ["mon,wed *:0/15", 4 * DAY + 15 * MINUTE],
    ["*-*-01 03:00", 31 * DAY],
    ["*-01..07", 25 * DAY],
    ["sat *-1..7 15:00", 5 * WEEK],
    ["02-29", 4 * 365 * DAY + DAY],
    ["minutely", MINUTE],
    ["hourly", HOUR],
    ["daily", DAY],
    ["weekly", WEEK],
    ["monthly", 31 * DAY],
    ["quarterly", 92 * DAY],
    ["semi-annually", 184 * DAY],
    ["yearly", 366 * DAY],
  ])("knows %s", (schedule, seconds) => {
    expect(longestInterval(schedule)).toBe(seconds);
  });

  it("reads 02:00,14:00 as Proxmox VE does: at minutes 0 and 14 of one hour", () => {
    expect(longestInterval("02:00,14:00")).toBe(DAY - 14 * MINUTE);
  });

  it.each(["", "never", "mon-fri 22:00", "25:00", "*/0", "17..8:00", "*-02-30", "1:2:3:4", "*-*-~1", "mon tue 3:00"])(
    "does not guess at %j",
    (schedule) => {
      expect(longestInterval(schedule)).toBeUndefined();
    },
  );

  it("knows none for a schedule that is bound to years", () => {
    expect(longestInterval("2027-01-01 03:00")).toBeUndefined();
  });

  it("says what a walk over the minutes of five weeks finds", () => {
    const some = (max: number) => fc.uniqueArray(fc.nat(max), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some(6), some(23), some(59), (days, hours, minutes) => {
        const names = days.map((day) => ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][day]);
        const seconds = longestInterval(`${names.join(",")} ${hours.join(",")}:${minutes.join(",")}`);
        expect(seconds).toBe(walk(days, hours, minutes));
      }),
      { numRuns: 30 },
    );
  });

  it("takes a step as the list of its values", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 59 }), (start, step) => {
        const list = Array.from({ length: 60 }, (_, i) => start + i * step).filter((minute) => minute < 60);
        expect(longestInterval(`${start}/${step}`)).toBe(longestInterval(list.join(",")));
      }),
    );
  });

  it("never throws, and what it knows is longer than nothing", () => {
    const piece = fc.constantFrom("mon", "..", ",", "*", "/", ":", "-", " ", "1", "30", "daily", "UTC", "~");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (schedule) => {
          expect(longestInterval(schedule) ?? 1).toBeGreaterThan(0);
        },
      ),
    );
  });
});

/** The longest gap between two minutes at which such a schedule runs, in seconds. */
function walk(days: readonly number[], hours: readonly number[], minutes: readonly number[]): number {
  let [last, longest] = [Number.NaN, 0];
  for (let minute = 0; minute < (5 * WEEK) / MINUTE; minute++) {
    const [day, hour] = [Math.floor(minute / 1440) % 7, Math.floor(minute / 60) % 24];
    if (!days.includes(day) || !hours.includes(hour) || !minutes.includes(minute % 60)) continue;
    if (minute - last > longest) longest = minute - last;
    last = minute;
  }
  return longest * MINUTE;
}
