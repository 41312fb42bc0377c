import fc from "fast-check";
import { expect, test } from "vitest";
import { formatsOf, parseBound, parseDate, printDate } from "./dates.ts";

const times = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });

test("what is printed is read again as the same time, to the nanosecond", () => {
  fc.assert(
    fc.property(times, fc.constantFrom("strict_date_optional_time_nanos", "epoch_millis"), (at, format) => {
      expect(parseDate(printDate(at, [format]), [format])).toBe(at);
    }),
  );
});

test("a bound that leaves something out is the first or the last moment of it", () => {
  const formats = formatsOf("strict_date_optional_time");
  const first = (text: string): string => printDate(parseBound(text, formats, false, 0) ?? -1n, formats);
  const last = (text: string): string => printDate(parseBound(text, formats, true, 0) ?? -1n, formats);
  expect([first("2024-02"), last("2024-02")]).toEqual(["2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999999999Z"]);
  expect([first("2026-01-01T05+01:00"), last("2026-01-01T05:30")]).toEqual([
    "2026-01-01T04:00:00.000Z",
    "2026-01-01T05:30:59.999999999Z",
  ]);
});

test("bounds are calculated from now or from a time", () => {
  const now = Date.UTC(2026, 0, 1, 12, 34, 56);
  const at = (text: string, up = false): string =>
    printDate(parseBound(text, ["strict_date_optional_time"], up, now) ?? -1n, ["strict_date_time"]);
  expect([at("now"), at("now-1h/d"), at("now/d", true), at("2026-01-01||+90m")]).toEqual([
    "2026-01-01T12:34:56.000Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T23:59:59.999Z",
    "2026-01-01T01:30:00.000Z",
  ]);
  expect(parseBound("now-1fortnight", ["strict_date_optional_time"], false, now)).toBeUndefined();
});

test.each(["2026-02-30", "2026-13-01", "2026-01-01T24:00:00Z", "26-01-01", "2026-1-1", "", "tomorrow"])(
  "%j is no time",
  (text) => {
    expect(parseDate(text, ["strict_date_optional_time"])).toBeUndefined();
  },
);
