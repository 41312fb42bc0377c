import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWindowed } from "../promql/windowed.ts";
import { withWindow, type SampleMeaning } from "./openslo-queries.ts";

describe("the window of a query", () => {
  it.each<[string, SampleMeaning, string]>([
    ["sum(rate(x[$window]))", undefined, "sum(rate(x[$window]))"],
    ["sum(rate(x[{{.window}}])) # all", "counter", "sum(rate(x[$window]))"],
    ["sum(rate(x[5m])) / sum(rate(y[5m]))", "ratio", "sum(rate(x[$window])) / sum(rate(y[$window]))"],
    ["sum(increase(x[1h]))", undefined, "sum(increase(x[$window]))"],
    ["x", "counter", "increase(x[$window])"],
    [
      'sum by (a) (x{b="5m]"}) - sum by (a) (y)',
      "counter",
      'sum by (a) (increase(x{b="5m]"}[$window])) - sum by (a) (increase(y[$window]))',
    ],
    ["sum(x) * 2 / 3", "counter", "sum(increase(x[$window])) * 2 / 3"],
    ["sum(x or y)", "count", "sum(sum_over_time(x[$window]) or sum_over_time(y[$window]))"],
    ["1 - avg(x)", "ratio", "1 - avg(avg_over_time(x[$window]))"],
  ])("%s as a %s", (text, meaning, expected) => {
    const read = withWindow(text, meaning);
    expect("text" in read ? read.text : read.fault).toBe(expected);
  });

  it("that was taken from ranges is told", () => {
    expect(withWindow("sum(rate(x[1h]))", undefined)).toEqual({ text: "sum(rate(x[$window]))", range: "1h" });
  });

  it.each<[string, SampleMeaning, RegExp]>([
    ["sum(x", "counter", /^is not PromQL: something is missing at column 6/],
    ["sum(x)", undefined, /^has no range, and nothing says what its samples are: set counter/],
    ["sum(rate(x[5m])) / sum(rate(y[10m]))", "ratio", /^has the ranges 5m, 10m, so its window can not be told/],
    ["rate(x[5m]) * y", "ratio", /^has selectors with and without a range/],
    ["sum(rate(x[5m] offset 1h))", "ratio", /^has an offset, @ or subquery and no window/],
    ["max_over_time(rate(x[5m])[1h:])", "ratio", /^has an offset, @ or subquery and no window/],
    ["x @ 5", "counter", /^has an offset, @ or subquery and no window/],
    ["avg(x)", "counter", /more than a sum of what its selectors count/],
    ["sum(x) / sum(y)", "ratio", /more than a sum of what its selectors tell/],
    ["x + 1", "counter", /more than a sum/],
    ["x > bool 1", "ratio", /more than a sum/],
    ["max(x)", "ratio", /more than a sum/],
    ["vector(1)", "ratio", /^selects no series/],
  ])("%s as a %s is not made up", (text, meaning, fault) => {
    expect(withWindow(text, meaning)).toEqual({ fault: expect.stringMatching(fault) });
  });

  const selector = fc
    .tuple(
      fc.constantFrom("x", "y_total", "a:b"),
      fc.string({ maxLength: 6 }).filter((text) => !/\{\{|\$/.test(text)),
    )
    .map(([name, value]) => `${name}{l=${JSON.stringify(value)}}`);
  const sums = fc.letrec<{ sum: string }>((tie) => ({
    sum: fc.oneof(
      { maxDepth: 4 },
      selector,
      tie("sum").map((of) => `sum by (l) (${of})`),
      fc.tuple(tie("sum"), fc.constantFrom("+", "-", "or"), tie("sum")).map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie("sum").map((of) => `(${of}) * 2`),
    ),
  })).sum;

  it("stands at every selector of a sum of counters, and nothing else of the text changes", () => {
    fc.assert(
      fc.property(sums, (text) => {
        const read = withWindow(text, "counter");
        if ("fault" in read) throw new Error(read.fault);
        expect(readWindowed(read.text)).not.toHaveProperty("fault");
        expect(read.text.replaceAll("[$window])", "").replaceAll("increase(", "")).toBe(text);
      }),
    );
  });
});
