import { describe, expect, it } from "vitest";
import type { Unit } from "../../core/metric.ts";

// plain JavaScript for browsers, which the compiler does not read
const load = async (name: string): Promise<unknown> => import(new URL(name, import.meta.url).href);
const { formatValue, moreOf } = (await load("preview-units.js")) as {
  formatValue(unit: Unit, value: number | null, now?: number): string;
  moreOf(unit: Unit, value: number | null): string;
};
const { rangeOf, stepsOf } = (await load("preview-scale.js")) as {
  stepsOf(unit: Unit): number[];
  rangeOf(unit: Unit, levels: readonly { from: number | null }[], least: number | null, most: number | null): number[];
};

describe("a value as people read it", () => {
  it.each<[Unit, number | null, string]>([
    ["bytes", 0, "0 B"],
    ["bytes", 1_536, "1.5 KiB"],
    ["bytes", 11 * 1024 ** 4, "11 TiB"],
    ["ratio", 0.539, "53.9 %"],
    ["ratio", 0.00041, "0.041 %"],
    ["seconds", 0, "0 s"],
    ["seconds", 0.000_2, "200 µs"],
    ["seconds", 0.451, "451 ms"],
    ["seconds", 5_400, "1.5 h"],
    ["seconds", 90_000, "1.04 d"],
    ["seconds", -60, "-1 min"],
    ["celsius", 41.26, "41.3 °C"],
    ["boolean", 1, "yes"],
    ["boolean", 0, "no"],
    ["none", 1_234, "1,234"],
    ["none", 12_345_678, "12.3 M"],
    ["none", 0.5, "0.5"],
    ["none", null, "none"],
  ])("%s %s is %s", (unit, value, text) => {
    expect(formatValue(unit, value)).toBe(text);
  });

  it("a moment is as far away as it is, with its date beside it", () => {
    const now = Date.UTC(2026, 10, 26, 12);
    expect(formatValue("timestamp", now + 12 * 86_400_000, now)).toBe("in 12 d");
    expect(formatValue("timestamp", now - 90_000, now)).toBe("1.5 min ago");
    expect(moreOf("timestamp", now)).toMatch(/^2026-11-2\d \d\d:\d\d$/);
    expect(moreOf("bytes", now)).toBe("");
  });
});

describe("the axis", () => {
  it("begins at 0 and has the thresholds that are near", () => {
    expect(rangeOf("ratio", [{ from: null }, { from: 0.9 }], 0.5, 0.6)).toEqual([0, expect.closeTo(0.954)]);
    expect(rangeOf("none", [{ from: 1_000 }], 1, 2)).toEqual([0, expect.closeTo(2.12)]);
  });

  it("has a height also for what is always the same, or nothing", () => {
    for (const value of [null, 0, 5, -5]) {
      const [low = 0, high = 0] = rangeOf("none", [], value, value);
      expect(high).toBeGreaterThan(low);
    }
  });

  it.each<Unit>(["seconds", "bytes", "ratio", "none", "timestamp"])(
    "has rising steps for %s, none far from the next",
    (unit) => {
      const steps = stepsOf(unit);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(Math.max(...steps.slice(1).map((step, i) => step / (steps[i] ?? 0)))).toBeLessThanOrEqual(10);
    },
  );

  it("does not squeeze temperatures and dates by beginning at 0", () => {
    expect(rangeOf("celsius", [], 30, 40)[0]).toBeGreaterThan(20);
  });
});
