import fc from "fast-check";
import { expect, it } from "vitest";
import { isMoment, isSteady } from "./kinds.ts";
import { gridOf, stepFor, stepOver } from "./steps.ts";

const NOW = Date.UTC(2026, 2, 5);

it.each([
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], true],
  [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], true],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11], true],
  [[1, 2, 3, 4, 5, 6, 7, 8, 9, 0], false],
  [[5, 5, 5, 5, 5, 5, 5, 5, 5, 5], false],
  [[1, 1, 1, 1, 1, 1, 1, 1, 1, 50], false],
  [[1, 2, 3], false],
])("says of %j whether it only rises or falls: %s", (values, steady) => {
  expect(isSteady(values)).toBe(steady);
});

it.each([
  ["x_timestamp_seconds", [NOW / 1_000 - 5, NOW / 1_000], true],
  ["x_timestamp_ms", [NOW], true],
  ["x509_cert_not_after", [NOW / 1_000 + 86_400 * 90], true],
  ["x_timestamp_seconds", [0, NOW / 1_000], false],
  ["x_bytes", [NOW / 1_000], false],
  ["x_seconds", [3.5], false],
  ["x_seconds", [], false],
])("says of %s %j whether it holds moments: %s", (name, values, isOne) => {
  expect(isMoment(name, values, NOW)).toBe(isOne);
});

it("lays the points of a window on multiples of the step, inside the window", () => {
  const ms = fc.integer({ min: 0, max: 2_000_000_000 });
  fc.assert(
    fc.property(ms, fc.integer({ min: 1, max: 90_000_000 }), ms, (from, length, now) => {
      const step = stepFor(length);
      const grid = gridOf({ from, to: from + length }, step, now);
      if (grid === undefined) return;
      expect([grid.from % step, grid.to % step].map(Math.abs)).toEqual([0, 0]);
      expect((grid.from + step) * 1_000).toBeGreaterThanOrEqual(from);
      expect(grid.to * 1_000).toBeLessThan(from + length);
      expect(grid.to * 1_000).toBeLessThanOrEqual(now);
      expect((grid.to - grid.from) / step).toBeLessThanOrEqual(340);
    }),
  );
});

it("takes a step that holds what is measured seldom, and none that does not divide a day", () => {
  expect([1, 15, 16, 30, 61, 250, 100_000].map(stepOver)).toEqual([15, 15, 15, 30, 60, 300, 3_600]);
  fc.assert(fc.property(fc.nat(), (seconds) => 86_400 % stepOver(seconds) === 0));
});
