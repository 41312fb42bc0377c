import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dispersion } from "./dispersion.ts";
import { bandOf, exceedance } from "./exceedance.ts";
import { ksDistance } from "./kolmogorov-smirnov.ts";
import { quantile, sortedValues } from "./quantile.ts";
import { scoreSeries } from "./series-score.ts";
import { lineFit } from "./trend.ts";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const sample = fc.array(value, { minLength: 1, maxLength: 60 }).map((values) => sortedValues(values));

describe("ksDistance", () => {
  it("is 0 for the same, 1 for what lies apart, and what it is by hand between", () => {
    expect(ksDistance([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(ksDistance([1, 2], [3, 4, 5])).toBe(1);
    expect(ksDistance([1, 2, 3, 4], [3, 4, 5, 6])).toBe(0.5);
    expect(ksDistance([0, 0, 0, 1], [0, 1, 1, 1])).toBe(0.5);
    expect(ksDistance([], [1])).toBe(0);
  });

  it("is the same both ways round, within 0 and 1, and by any scale that keeps the order", () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const distance = ksDistance(first, second);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
        expect(ksDistance(second, first)).toBeCloseTo(distance, 12);
        // powers of two keep each value apart from the others
        expect(
          ksDistance(
            first.map((one) => one * 4),
            second.map((one) => one * 4),
          ),
        ).toBe(distance);
      }),
    );
  });
});

describe("exceedance", () => {
  it("is within 0 and 1, and grows when values move further out", () => {
    fc.assert(
      fc.property(sample, sample, fc.double({ min: 0, max: 1e6, noNaN: true }), (values, usual, by) => {
        const band = bandOf(usual);
        const here = exceedance(values, band);
        const further = exceedance(
          values.map((one) => one + by),
          band,
        );
        for (const share of Object.values(here)) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        expect(further.above).toBeGreaterThanOrEqual(here.above - 1e-12);
        expect(further.below).toBeLessThanOrEqual(here.below + 1e-12);
      }),
    );
  });

  it("counts any true step away from what never changes, and not the noise of floating point", () => {
    const band = bandOf(sortedValues(Array.from({ length: 100 }, () => 0.3)));
    expect(exceedance([0.1 + 0.2], band).above).toBeLessThan(1e-9);
    expect(exceedance([0.4, 0.4], band).above).toBe(1);
    expect(exceedance([5, 0], bandOf([0, 0, 0])).above).toBe(0.5);
    expect(exceedance([], band)).toEqual({ above: 0, below: 0 });
  });
});

describe("quantile", () => {
  it("lies between the two nearest values", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (values, at) => {
        expect(quantile(values, at)).toBeGreaterThanOrEqual(values[0] ?? 0);
        expect(quantile(values, at)).toBeLessThanOrEqual(values.at(-1) ?? 0);
      }),
    );
  });
});

describe("dispersion", () => {
  it("is 1 for what comes evenly, and large for what comes at once", () => {
    expect(dispersion([[3, 3, 3, 3]])).toBe(1);
    expect(dispersion([[12, 0, 0, 0]])).toBeCloseTo(12, 9);
    expect(dispersion([])).toBe(1);
    expect(dispersion([[0, 0], [5]])).toBe(1);
  });
});

describe("lineFit", () => {
  it("knows a line, noise, and what does not move", () => {
    const at = Array.from({ length: 100 }, (_, index) => index * 15_000 + 1.8e12);
    expect(lineFit(at.map((one, index) => [one, 5 - 2 * index] as const))).toBeCloseTo(1, 9);
    expect(lineFit(at.map((one, index) => [one, index % 2] as const))).toBeLessThan(0.1);
    expect(lineFit(at.map((one) => [one, 0.1 + 0.2] as const))).toBe(0);
    expect(lineFit([])).toBe(0);
  });
});

const STEP = 15_000;
const NOW = 1.8e12;
/** Noise that is the same in each run, from -1 to 1. */
const noise = (seed: number): number => Math.abs((Math.sin(seed * 12.9898) * 43758.5453) % 1) * 2 - 1;

function points(from: number, count: number, valueAt: (index: number) => number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, index) => [NOW + (from + index) * STEP, valueAt(from + index)] as const);
}

const quiet = (index: number): number => 100 + 5 * noise(index);
const before = points(-240, 240, quiet);
const yesterday = points(0, 60, (index) => quiet(index + 5_000));
const lastWeek = points(0, 60, (index) => quiet(index + 9_000));
const other = { before, yesterday, lastWeek };

describe("scoreSeries", () => {
  it("sees a step, tells its direction and levels, and gives a quiet series nothing", () => {
    const step = scoreSeries({ ...other, window: points(0, 60, (index) => quiet(index) + (index > 20 ? 300 : 0)) });
    expect(step).toMatchObject({ direction: "above" });
    expect(step?.value).toBeGreaterThan(0.3);
    expect(step?.excursion).toBeGreaterThan(10);
    expect(step?.now).toBeCloseTo(400, -1);
    expect(step?.usual).toBeCloseTo(100, -1);
    const drop = scoreSeries({ ...other, window: points(0, 60, () => 0) });
    expect(drop).toMatchObject({ direction: "below", now: 0 });
    const still = scoreSeries({ ...other, window: points(0, 60, quiet) });
    expect(still?.value).toBeLessThan(0.05);
  });

  it("holds for usual what happens every day at this time", () => {
    const busy = (index: number): number => quiet(index) + 300;
    const window = points(0, 60, busy);
    expect(scoreSeries({ ...other, window })?.value).toBeGreaterThan(0.5);
    expect(
      scoreSeries({ ...other, window, yesterday: points(0, 60, (index) => busy(index + 77)) })?.value,
    ).toBeLessThan(0.05);
    expect(scoreSeries({ ...other, window, lastWeek: points(0, 60, (index) => busy(index + 77)) })?.value).toBeLessThan(
      0.05,
    );
  });

  it("gives nothing to what goes on as it went, and much to another pace", () => {
    const fills = (index: number): number => 1e9 - 1e5 * index + 1e4 * noise(index);
    const filling = { before: points(-240, 240, fills), yesterday: [], lastWeek: [] };
    const goesOn = scoreSeries({ ...filling, window: points(0, 60, fills) });
    expect(goesOn?.value).toBeLessThan(0.05);
    const faster = scoreSeries({ ...filling, window: points(0, 60, (index) => fills(index) - 2e6 * index) });
    expect(faster).toMatchObject({ direction: "below" });
    expect(faster?.value).toBeGreaterThan(0.5);
  });

  it("gives what wanders by itself little excursion", () => {
    let at = 1_000;
    const wanders = points(-240, 300, (index) => (at += noise(index + 31)));
    const score = scoreSeries({
      window: wanders.slice(240),
      before: wanders.slice(0, 240),
      yesterday: [],
      lastWeek: [],
    });
    expect(score?.excursion).toBeLessThan(2);
  });

  it("tells numbers also of values near the end of what a number holds", () => {
    const huge = (index: number): number => (index % 2 === 0 ? 1.5e308 : -1.5e308);
    const score = scoreSeries({
      ...other,
      before: points(-240, 240, huge),
      window: points(0, 60, (index) => huge(index + 1)),
    });
    expect([score?.value, score?.excursion].every((one) => one !== undefined && !Number.isNaN(one))).toBe(true);
  });

  it("says nothing of few points", () => {
    expect(scoreSeries({ ...other, window: points(0, 4, quiet) })).toBeUndefined();
    expect(scoreSeries({ ...other, before: before.slice(0, 19), window: points(0, 60, quiet) })).toBeUndefined();
    expect(scoreSeries({ ...other, yesterday: [], lastWeek: [], window: points(0, 5, quiet) })).toBeDefined();
  });

  it("gives the same whatever the unit is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(2 ** -20, 2 ** 20), (seed, scale) => {
        const series = (of: number): Parameters<typeof scoreSeries>[0] => ({
          window: points(0, 30, (index) => of * (50 + 20 * noise(index + seed))),
          before: points(-120, 120, (index) => of * (50 + 10 * noise(index * 3 + seed))),
          yesterday: [],
          lastWeek: [],
        });
        const [one, scaled] = [scoreSeries(series(1)), scoreSeries(series(scale))];
        expect(scaled?.value).toBeCloseTo(one?.value ?? -1, 9);
        expect(scaled?.excursion).toBeCloseTo(one?.excursion ?? -1, 9);
      }),
    );
  });
});
