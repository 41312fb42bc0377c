import { describe, expect, it } from "vitest";
import { MIDNIGHT } from "./__fixtures__/histories.ts";
import { compositeHistory, together } from "./composite.ts";
import { historyOf, type Increment } from "./increments.ts";

const SPAN = { from: MIDNIGHT, to: MIDNIGHT + 4 * 300 };
const of = (...slices: readonly (readonly [number, number] | undefined)[]) =>
  historyOf(
    slices.flatMap((slice, i): Increment[] => (slice === undefined ? [] : [[MIDNIGHT + (i + 1) * 300, ...slice]])),
    SPAN,
  );
const rows = (history: ReturnType<typeof of>) => Array.from(history.total, (total, i) => [total, history.errors[i]]);
const NOT = [Number.NaN, Number.NaN];

describe("a composite", () => {
  // fails fully, fails within what is allowed, idle, not measured by the first
  const members = [
    { weight: 1, allowed: 0.1, history: of([10, 10], [100, 5], [0, 0], undefined) },
    { weight: 3, allowed: 0.01, history: of([90, 0], [100, 2], undefined, undefined) },
  ];

  it.each([
    ["occurrences", [[280, 10], [400, 11], [0, 0], NOT]],
    ["timeslices", [[1, 1], [1, 1], [1, 0], NOT]],
    ["ratio_timeslices", [[1, 1], [1, 0.11], [1, 0], NOT]],
    ["worst", [[1, 1], [1, 0.05], [1, 0], NOT]],
  ] as const)("by %s", (method, expected) => {
    const rounded = rows(compositeHistory(method, members)).map((row) =>
      row.map((value = Number.NaN) => Number(value.toPrecision(12))),
    );
    expect(rounded).toEqual(expected);
  });

  it("of groups counts their events once each", () => {
    expect(rows(together([of([1, 1], undefined), of([2, 0], [3, 1])]))).toEqual([[3, 1], [3, 1], NOT, NOT]);
  });

  it("needs a member", () => expect(() => compositeHistory("worst", [])).toThrow("needs a member"));
});
