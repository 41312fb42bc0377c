import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketMatcher, withMatcher } from "./histogram.ts";
import { readWindowed, type WindowedReading } from "./windowed.ts";

function reading(text: string): WindowedReading {
  const read = readWindowed(text);
  if ("fault" in read) throw new Error(read.fault);
  return read;
}

describe("PromQL with its window left open", () => {
  it.each([
    ["sum(rate(x[$window]))", "sum(rate(x[1h]))", 1],
    ["sum(rate(x[{{.window}}])) / rate(y[{{- .window -}}:])", "sum(rate(x[1h])) / rate(y[1h:])", 2],
    ["a:errors:rate{{ .window }}", "a:errors:rate1h", 1],
    ["sum(rate(x[5m]))", "sum(rate(x[5m]))", 0],
    ['x{a="#$window"} # of [$window]\n', 'x{a="#1h"}', 1],
    ["rate( # all\n  x[$window])", "rate( \n  x[1h])", 1],
  ])("%s", (text, filled, windows) => {
    const read = reading(text);
    expect(read.promql.at("1h")).toBe(filled);
    expect(read.windows).toBe(windows);
    expect(reading(read.promql.text).promql.at("1h")).toBe(filled);
  });

  it.each([
    ["sum(x", "is not PromQL: something is missing at column 6 of the query"],
    ["x[$windows]", 'is not PromQL: unexpected "$windows]" at column 3 of the query'],
    ["x +\n\n y)", 'is not PromQL: unexpected ")" at line 3, column 3 of the query'],
    [" # nothing", "is not PromQL: it is empty"],
    [`"''`, `is not PromQL: unexpected ""''" at column 1 of the query`],
    [
      "rate((x > 1)[$window])",
      'is refused by Prometheus at column 13 of the query, "[$window])": a range stands only after a selector; after anything else write a subquery such as [5m:1m]',
    ],
    [
      "sum(increase(x[$window])) offset 5m",
      'is refused by Prometheus at column 26 of the query, "offset 5m": offset stands only right after a selector or a subquery, so give it to each selector inside',
    ],
    ['x{a="{{.service}}"}', "has the template {{.service}}: only $window and {{.window}} are filled in"],
    [`x{a="it's" + "y"}`, `is not PromQL: unexpected "+ "y"}" at column 12 of the query`],
  ])("%s is refused", (text, fault) => {
    expect(readWindowed(text)).toEqual({ fault });
  });

  it("is refused when it is longer than anybody writes, before it costs memory", () => {
    const fault = "is longer than 20000 characters: record a part of it, and ask for what was recorded";
    expect(readWindowed("sum(x[$w".repeat(2_501))).toEqual({ fault });
  });

  it("does not take what stands between quotes for a query", () => {
    const value = fc.string({ maxLength: 8 }).filter((text) => !/\{\{|\$window/.test(text));
    fc.assert(
      fc.property(value, value, (a, b) => {
        const text = `sum(rate(x{a=${JSON.stringify(a)},b='${b.replace(/['\\\n\r]/g, "")}'}[$window]))`;
        expect(reading(text).promql.at("5m")).toBe(text.replace("$window", "5m"));
        expect(reading(text).unit).toBe("per_second");
      }),
    );
  });
});

describe("what the value of a query is in", () => {
  it.each([
    ["sum(rate(x[$window]))", "per_second"],
    ["sum by (a) (rate(x[$window] offset 1d)) - sum by (a) (rate(y[$window]))", "per_second"],
    ["sum(rate(x[$window])) or on() vector(0)", "per_second"],
    ["vector(0) or sum(rate(x[$window]))", "per_second"],
    ["clamp_min(sum(rate(x[$window])) * 2, 0) > 0", "per_second"],
    ["sum(increase(x[$window]))", "count"],
    ["sum(increase(x[$window])) and sum(increase(y[$window]))", "count"],
    ["sum(increase(x[$window])) * (sum(rate(y[$window])) / sum(rate(z[$window])))", "count"],
    ["histogram_count(sum(increase(x[$window]))) * histogram_fraction(-Inf, 1, sum(rate(x[$window])))", "count"],
    ["1 - sum(rate(x[$window])) / sum(rate(y[$window]))", "number"],
    ["sum(rate(x[5m]))", "unknown"],
    ["count(rate(x[$window]) > 5)", "unknown"],
    ["sum(rate(x[$window]) > 5)", "unknown"],
    ["sum(rate(x[$window])) + 1", "unknown"],
    ["sum(rate(x[$window])) + sum(increase(x[$window]))", "unknown"],
    ["sum(rate(x[$window])) * sum(rate(x[$window]))", "unknown"],
    ["clamp_min(rate(x[$window]), 1)", "unknown"],
    ["rate(x[$window]) > bool 0", "unknown"],
    ["sum(irate(x[$window]))", "unknown"],
    ["sum_over_time(x[$window])", "unknown"],
    ["quantile(0.9, rate(x[$window]))", "unknown"],
    ["x:rate$window", "unknown"],
  ])("%s: %s", (text, unit) => {
    expect(reading(text).unit).toBe(unit);
  });

  it("counts in place of rates, in every window", () => {
    const text = 'sum(rate(rate{a="rate"}[$window])) - sum(rate(y[{{.window}}]))';
    expect(reading(text).counting().at("5m")).toBe('sum(increase(rate{a="rate"}[5m])) - sum(increase(y[5m]))');
  });
});

describe("the bucket of a histogram", () => {
  it.each([
    [0.3, 'le="0.3"'],
    [1, 'le=~"1|1[.]0"'],
    [10, 'le=~"10|10[.]0"'],
    [2.5, 'le="2.5"'],
    [0.00005, 'le=~"0[.]00005|5e-05"'],
    [1048576, 'le=~"1048576|1048576[.]0|1[.]048576e[+]06"'],
  ])("%d", (bound, matcher) => {
    expect(bucketMatcher(bound)).toBe(matcher);
  });

  it.each([
    ["", 'x{le="1"}'],
    ["{}", 'x{le="1"}'],
    ['{ a="b", }', 'x{a="b",le="1"}'],
  ])("beside the matchers %s", (selector, text) => {
    expect(withMatcher("x", selector, 'le="1"')).toBe(text);
  });
});
