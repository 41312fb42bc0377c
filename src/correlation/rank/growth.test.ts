import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growthOf, type Exposures } from "./growth.ts";

const exposures = (lines: number, before: number): Exposures => ({
  window: { lines, ms: 900_000, weight: 1, of: lines, isExact: true },
  baseline: { lines: before, ms: 3_600_000, weight: 1, of: before, isExact: true },
});
const counts = (window: number, baseline: number): Parameters<typeof growthOf>[0] => ({
  window,
  baseline,
  windowSlices: Array.from({ length: 30 }, () => window / 30),
  baselineSlices: Array.from({ length: 120 }, () => baseline / 120),
});

describe("growthOf", () => {
  it("takes the lesser of share and rate: neither more traffic nor fewer other lines is growth", () => {
    const traffic = growthOf(counts(300, 400), exposures(3_000, 4_000));
    expect(traffic.growth).toBeCloseTo(1, 1);
    expect(traffic.value).toBeLessThan(1);
    const fewerOthers = growthOf(counts(100, 400), exposures(200, 4_000));
    expect(fewerOthers.growth).toBeCloseTo(1, 1);
    expect(fewerOthers.value).toBeLessThan(1);
    expect(growthOf(counts(300, 400), exposures(1_000, 4_000)).growth).toBeCloseTo(3, 1);
  });

  it("grows with the lines of the window, and is never negative", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }), (window, baseline) => {
        const [here, more] = [window, window + 50].map((lines) =>
          growthOf(counts(lines, baseline), exposures(1_000, 4_000)),
        );
        expect(here?.value).toBeGreaterThanOrEqual(0);
        expect(more?.growth).toBeGreaterThan(here?.growth ?? Infinity);
      }),
    );
  });

  it("divides by how much the lines come in bursts", () => {
    const even = growthOf(counts(300, 40), exposures(1_000, 4_000));
    const burst = growthOf(
      { ...counts(300, 40), windowSlices: [300, ...Array.from({ length: 29 }, () => 0)] },
      exposures(1_000, 4_000),
    );
    expect(burst.value).toBeLessThan(even.value / 20);
  });
});
