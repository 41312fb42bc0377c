import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquareSurvival } from "./chi-square.ts";
import { g2, rateG2 } from "./g2.ts";
import { holm } from "./holm.ts";
import { wilsonBounds, wilsonGap } from "./wilson.ts";

const share = fc
  .record({ of: fc.integer({ min: 1, max: 1_000_000 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ of, part }) => ({ count: Math.round(of * part), of }));
const chance = fc.double({ min: 0, max: 1, noNaN: true });

describe("chiSquareSurvival", () => {
  // Abramowitz and Stegun, table 26.8, and their 7.1.14 for the last one
  it.each([
    [0, 1],
    [0.455, 0.5],
    [2.70554, 0.1],
    [3.84146, 0.05],
    [6.6349, 0.01],
    [10.8276, 0.001],
    [15.1367, 0.0001],
    [100, 1.52397e-23],
  ])("gives of %d what the tables give", (value, expected) => {
    expect(chiSquareSurvival(value) / expected).toBeCloseTo(1, 3);
  });

  it("falls as the value grows, and stays a chance that is more than nothing", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (value, more) => {
          const [here, further] = [chiSquareSurvival(value), chiSquareSurvival(value + more)];
          expect(here).toBeGreaterThan(0);
          expect(here).toBeLessThanOrEqual(1);
          expect(further).toBeLessThanOrEqual(here);
        },
      ),
    );
  });

  it("goes on smoothly where one way of computing it ends and the other begins", () => {
    const middle = 2 * 2.5 ** 2;
    expect(chiSquareSurvival(middle - 1e-9) / chiSquareSurvival(middle + 1e-9)).toBeCloseTo(1, 8);
  });
});

describe("g2", () => {
  it("gives what Dunning gives for his first pair of words", () => {
    // table 2 of the paper, "the swiss": 110 times together, 2,442 and 111 times one without the other, 29,114 times
    // neither
    const together = { count: 110, of: 110 + 2442 };
    const apart = { count: 111, of: 111 + 29114 };
    expect(g2(together, apart)).toBeCloseTo(270.72, 1);
  });

  it("is the same both ways round, never negative, and 0 for equal shares", () => {
    fc.assert(
      fc.property(share, share, (first, second) => {
        const value = g2(first, second);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(g2(second, first)).toBeCloseTo(value, 6);
        expect(g2(first, first)).toBeCloseTo(0, 6);
      }),
    );
  });

  it("is as large for what has a thing as for what lacks it, and twice as large for twice as much", () => {
    const lacking = ({ count, of }: { count: number; of: number }): { count: number; of: number } => ({
      count: of - count,
      of,
    });
    const twice = ({ count, of }: { count: number; of: number }): { count: number; of: number } => ({
      count: 2 * count,
      of: 2 * of,
    });
    fc.assert(
      fc.property(share, share, (first, second) => {
        const value = g2(first, second);
        const slack = 1e-6 * (1 + value + first.of + second.of);
        expect(Math.abs(g2(lacking(first), lacking(second)) - value)).toBeLessThan(slack);
        expect(Math.abs(g2(twice(first), twice(second)) - 2 * value)).toBeLessThan(slack);
      }),
    );
  });

  it("says nothing where there is nothing", () => {
    expect(g2({ count: 0, of: 0 }, { count: 5, of: 10 })).toBe(0);
    expect(rateG2({ count: 0, over: 0 }, { count: 5, over: 10 })).toBe(0);
  });
});

describe("rateG2", () => {
  it("is 0 for equal rates, and grows with the distance", () => {
    expect(rateG2({ count: 10, over: 60 }, { count: 40, over: 240 })).toBeCloseTo(0, 9);
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 10_000 }), fc.integer({ min: 1, max: 1_000 }), (count, more) => {
        const before = { count: 40, over: 60 };
        expect(rateG2({ count: count + more, over: 60 }, before)).toBeGreaterThan(rateG2({ count, over: 60 }, before));
      }),
    );
  });
});

describe("wilsonBounds", () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("gives of %d of %d what the literature gives", (count, of, low, high) => {
    const bounds = wilsonBounds({ count, of });
    expect(bounds.low).toBeCloseTo(low, 4);
    expect(bounds.high).toBeCloseTo(high, 4);
  });

  it("holds the share, and mirrors itself", () => {
    fc.assert(
      fc.property(share, ({ count, of }) => {
        const { low, high } = wilsonBounds({ count, of });
        const mirrored = wilsonBounds({ count: of - count, of });
        expect(low).toBeLessThanOrEqual(count / of + 1e-12);
        expect(high).toBeGreaterThanOrEqual(count / of - 1e-12);
        expect(mirrored.low).toBeCloseTo(1 - high, 9);
      }),
    );
  });

  it("gives a gap only where shares are surely apart", () => {
    expect(wilsonGap({ count: 90, of: 100 }, { count: 10, of: 100 })).toBeGreaterThan(0.6);
    expect(wilsonGap({ count: 10, of: 100 }, { count: 90, of: 100 })).toBe(0);
    expect(wilsonGap({ count: 1, of: 1 }, { count: 0, of: 1 })).toBe(0);
    expect(wilsonBounds({ count: 0, of: 0 })).toEqual({ low: 0, high: 1 });
  });
});

describe("holm", () => {
  it("gives what the procedure gives by hand", () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [at, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(corrected[at]).toBeCloseTo(expected, 12);
  });

  it("keeps the order, never makes a chance less, and stays between Bonferroni and nothing", () => {
    fc.assert(
      fc.property(fc.array(chance, { maxLength: 50 }), (chances) => {
        const corrected = holm(chances);
        for (const [at, one] of chances.entries()) {
          expect(corrected[at]).toBeGreaterThanOrEqual(one);
          expect(corrected[at]).toBeLessThanOrEqual(Math.min(1, one * chances.length) + 1e-12);
          const larger = corrected.filter((_, other) => (chances[other] ?? 0) > one);
          expect(corrected[at]).toBeLessThanOrEqual(Math.min(1, ...larger));
        }
      }),
    );
  });
});
