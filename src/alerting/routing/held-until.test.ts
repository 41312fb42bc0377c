import { describe, expect, it } from "vitest";
import type { TimeInterval, TimeRange } from "../../core/routing.ts";
import { clock, interval, route } from "./__fixtures__/routes.ts";
import { heldUntil } from "./held-until.ts";

const iso = (date: Date | undefined): string | undefined => date?.toISOString().slice(0, 16);

/** When a route with this mute interval lets go, from a moment in UTC. */
const mutedUntil = (at: string, ...ranges: readonly Partial<TimeRange>[]): string | undefined => {
  const quiet = interval("quiet", ...ranges);
  return iso(heldUntil(route("a", "", { muteTimeIntervals: ["quiet"] }), [quiet], new Date(`${at}Z`)));
};

const BERLIN = { location: "Europe/Berlin" };

describe("heldUntil", () => {
  it.each<[string, string, Partial<TimeRange>[], string | undefined]>([
    [
      "nothing outside of it",
      "2026-11-30T07:00:00",
      [{ times: [clock("22:00", "24:00"), clock("00:00", "06:00")] }],
      undefined,
    ],
    [
      "over midnight",
      "2026-11-29T22:30:40.5",
      [{ times: [clock("22:00", "24:00"), clock("00:00", "06:00")] }],
      "2026-11-30T06:00",
    ],
    ["its first minute", "2026-11-29T22:00:00", [{ times: [clock("22:00", "22:01")] }], "2026-11-29T22:01"],
    ["its last instant", "2026-11-29T22:00:59.999", [{ times: [clock("22:00", "22:01")] }], "2026-11-29T22:01"],
    ["not its end", "2026-11-29T22:01:00", [{ times: [clock("22:00", "22:01")] }], undefined],
    [
      "a weekend",
      "2026-11-28T12:00:00",
      [
        {
          weekdays: [
            { start: 6, end: 6 },
            { start: 0, end: 0 },
          ],
        },
      ],
      "2026-11-30T00:00",
    ],
    ["a month's last days", "2028-02-27T10:00:00", [{ daysOfMonth: [{ start: -3, end: -1 }] }], "2028-03-01T00:00"],
    ["no day that the month has not", "2027-02-28T10:00:00", [{ daysOfMonth: [{ start: 30, end: 31 }] }], undefined],
    [
      "more days from the end than the month has",
      "2027-02-01T10:00:00",
      [{ daysOfMonth: [{ start: -31, end: -1 }], months: [{ start: 2, end: 2 }] }],
      "2027-03-01T00:00",
    ],
    [
      "months and years",
      "2026-12-01T00:00:00",
      [{ months: [{ start: 12, end: 12 }], years: [{ start: 2026, end: 2026 }] }],
      "2027-01-01T00:00",
    ],
    [
      "two ranges as one",
      "2026-11-29T10:00:00",
      [{ times: [clock("10:00", "11:00")] }, { times: [clock("11:00", "12:00")] }],
      "2026-11-29T12:00",
    ],
    ["a place's own clock", "2026-11-29T22:30:00", [{ ...BERLIN, times: [clock("00:00", "06:00")] }], undefined],
    ["a place's own day", "2026-11-29T23:30:00", [{ ...BERLIN, weekdays: [{ start: 1, end: 1 }] }], "2026-11-30T23:00"],
    [
      "an hour less when clocks go forward",
      "2027-03-28T00:00:00",
      [{ ...BERLIN, times: [clock("00:00", "04:00")] }],
      "2027-03-28T02:00",
    ],
    [
      "nothing at a time of day that is left out",
      "2027-03-28T01:00:00",
      [{ ...BERLIN, times: [clock("02:00", "03:00")] }],
      undefined,
    ],
    [
      "an hour more when clocks go back",
      "2026-10-24T22:00:00",
      [{ ...BERLIN, times: [clock("00:00", "04:00")] }],
      "2026-10-25T03:00",
    ],
    [
      "both times that a time of day comes",
      "2026-10-25T00:10:00",
      [{ ...BERLIN, times: [clock("02:00", "03:00")] }],
      "2026-10-25T02:00",
    ],
    [
      "a half hour that comes twice, the first time",
      "2026-10-25T00:40:00",
      [{ ...BERLIN, times: [clock("02:30", "03:00")] }],
      "2026-10-25T01:00",
    ],
    [
      "a half hour that comes twice, not in between",
      "2026-10-25T01:10:00",
      [{ ...BERLIN, times: [clock("02:30", "03:00")] }],
      undefined,
    ],
    [
      "a half hour that comes twice, the second time",
      "2026-10-25T01:40:00",
      [{ ...BERLIN, times: [clock("02:30", "03:00")] }],
      "2026-10-25T02:00",
    ],
    ["a year ahead when it has no end", "2026-11-30T07:00:00", [{}], "2027-12-01T07:00"],
  ])("holds %s", (_name, at, ranges, expected) => {
    expect(mutedUntil(at, ...ranges)).toBe(expected);
  });

  it("holds nothing on a route without intervals", () => {
    expect(heldUntil(route("a", ""), [interval("always", {})], new Date())).toBeUndefined();
  });

  it("holds outside of every active interval, and within one that also mutes", () => {
    const both = route("a", "", { muteTimeIntervals: ["lunch"], activeTimeIntervals: ["morning", "noon"] });
    const intervals = [
      interval("morning", { times: [clock("08:00", "10:00")] }),
      interval("noon", { times: [clock("12:00", "14:00")] }),
      interval("lunch", { times: [clock("12:00", "13:00")] }),
      interval("other", {}),
    ];
    const from = (time: string) => iso(heldUntil(both, intervals, new Date(`2026-11-30T${time}Z`)))?.slice(11);
    expect([from("07:00"), from("09:00"), from("10:00"), from("13:30")]).toEqual([
      "08:00",
      undefined,
      "13:00",
      undefined,
    ]);
  });

  it("answers anew when the intervals are others, or time has gone back", () => {
    const one = route("a", "", { muteTimeIntervals: ["quiet"] });
    const long = [interval("quiet", { times: [clock("10:00", "12:00")] })];
    const short = [interval("quiet", { times: [clock("10:00", "11:00")] })];
    const at = (intervals: TimeInterval[], time: string) =>
      iso(heldUntil(one, intervals, new Date(`2026-11-30T${time}Z`)))?.slice(11);
    expect([at(long, "10:30"), at(long, "10:40"), at(short, "10:40"), at(long, "09:00"), at(long, "12:00")]).toEqual([
      "12:00",
      "12:00",
      "11:00",
      undefined,
      undefined,
    ]);
  });

  it("finds an end that is far away without walking there minute by minute", () => {
    const quiet = interval("quiet", {
      ...BERLIN,
      years: [{ start: 2020, end: 2100 }],
      times: [clock("00:00", "24:00")],
    });
    const started = performance.now();
    for (let i = 0; i < 10; i++)
      heldUntil(route("a", "", { muteTimeIntervals: ["quiet"] }), [quiet], new Date(i * 1e12));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
