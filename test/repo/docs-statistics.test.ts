import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { LEAST_SCORE } from "../../src/correlation/rank/changes.ts";
import { LEAST_RISE, LEAST_SLOWDOWN, LEAST_SPANS, slowdownOf } from "../../src/correlation/rank/failures.ts";
import { LEAST_EVENTS } from "../../src/correlation/rank/few-events.ts";
import { LEAST_COUNT, LEAST_GAP, LEAST_GAP_OF_MANY, MANY_VALUES } from "../../src/correlation/rank/field-values.ts";
import { MOST_CHANCE } from "../../src/correlation/rank/finding.ts";
import { LEAST_GROWTH, LEAST_LINES } from "../../src/correlation/rank/log-patterns.ts";
import {
  LEAST_EXCURSION,
  LEAST_EXCURSION_OF_PART,
  LEAST_OF_PART,
  LEAST_VALUE,
} from "../../src/correlation/rank/metrics.ts";
import { LEAST_FLOOD, LEAST_USUAL, MOST_LEFT } from "../../src/correlation/rank/volume.ts";

const page = await readFile(new URL("../../docs/evidence.md", import.meta.url), "utf8");
const [, section = ""] = page.split("## The statistics, each in two sentences\n");
const entries = section
  .split(/\n(?=- \*\*|\n)/)
  .map((entry) => entry.replaceAll(/\s+/g, " ").trim())
  .filter((entry) => entry.startsWith("- **"));
const entryOf = (name: string): string => entries.find((entry) => entry.startsWith(`- **${name}`)) ?? "";
const percent = (share: number): number => Math.round(100 * share);

describe("the statistics in docs/evidence.md", () => {
  it("are told in two sentences each", () => {
    expect(entries.length).toBeGreaterThan(10);
    const sentences = entries.map((entry) => entry.replace(/^- \*\*.*?\*\* /, "").match(/\.(?: |$)/g)?.length);
    expect(sentences).toStrictEqual(entries.map(() => 2));
  });

  it.each([
    ["Log patterns", `at least ${LEAST_GROWTH} times as often`, `at least ${LEAST_LINES} times;`],
    [
      "Silence",
      `at most ${percent(MOST_LEFT)} %`,
      `at least ${LEAST_USUAL},`,
      `with ${LEAST_FLOOD} times as many lines`,
    ],
    ["Failures", `at least ${LEAST_RISE} times that of before`],
    ["Holm's", `below ${MOST_CHANCE} after that`],
    ["Wilson", `lie ${percent(LEAST_GAP)} points`, `least ${LEAST_COUNT} times`],
    ["Wilson", `(${percent(LEAST_GAP_OF_MANY)} points where the field has ${MANY_VALUES} values or more)`],
    ["Tail", `at least ${LEAST_VALUE}, or ${LEAST_OF_PART} in the worst third`],
    [
      "Excursion",
      `at least ${LEAST_EXCURSION} times their breadth (${LEAST_EXCURSION_OF_PART} times for the worst third)`,
    ],
    ["Excursion", `at least ${LEAST_EVENTS} events more`],
    ["Proximity", `from ${LEAST_SCORE},`],
    ["Duration", `at least ${LEAST_SLOWDOWN} times that of before, of at least ${LEAST_SPANS} requests`],
  ])("tell the numbers of the code: %s", (name, ...numbers) => {
    for (const number of numbers) expect(entryOf(name)).toContain(number);
  });

  it("tell from where on few requests are slower", () => {
    const [, told] = / (\S+) times for 100\./.exec(entryOf("Duration")) ?? [];
    const isSlow = (ratio: number) =>
      slowdownOf({ spans: 100, failed: 0, p95Ms: ratio }, { spans: 100, failed: 0, p95Ms: 1 })?.isSignificant;
    expect([Number(told) - 0.005, Number(told) + 0.005].map(isSlow)).toStrictEqual([false, true]);
  });
});
