import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGoDuration } from "../../core/duration.ts";
import { goDuration, goTime } from "./go.ts";

test.each([
  [0, "0s"],
  [0.000001, "1ns"],
  [0.0015, "1.5µs"],
  [516.49595, "516.49595ms"],
  [2350.944495, "2.350944495s"],
  [60_000, "1m0s"],
  [86_400_000, "24h0m0s"],
  [-1500, "-1.5s"],
])("%d ms is %s in Go", (milliseconds, text) => {
  expect(goDuration(milliseconds)).toBe(text);
});

test("what is printed is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000 }), (microseconds) => {
      expect(parseGoDuration(goDuration(microseconds / 1000))).toBeCloseTo(microseconds / 1000, 3);
    }),
  );
});

test("times keep their instant", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (milliseconds) => {
      const text = goTime(milliseconds);
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
      expect(Date.parse(text)).toBe(milliseconds);
    }),
  );
});
