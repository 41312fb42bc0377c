import { describe, expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import { promql } from "../rules/__fixtures__/slos.ts";
import { gaugeSamples, nativeLatency } from "../spec/counts.ts";
import { steppedQueries } from "./steps.ts";

const STEPPING = { step: seconds(30), lag: seconds(15) };
const stepped = (total: string, errors = total) => steppedQueries(promql(total), promql(errors), STEPPING);

const total = "sum(increase(r[$window]))";
const errors = 'sum(increase(r{code=~"5.."}[$window]))';

describe("counters that are added up step by step", () => {
  it("count what a step added: from 0 after a reset, and from 0 for a new series with a sibling", () => {
    expect(stepped(total, errors)).toEqual({
      total:
        "sum(r offset 15s - (last_over_time(r[5m] offset 45s) <= r offset 15s" +
        " or r offset 15s * 0 and ignoring (code) last_over_time(r[5m] offset 45s)))",
      errors:
        'sum(r{code=~"5.."} offset 15s - (last_over_time(r{code=~"5.."}[5m] offset 45s) <= r{code=~"5.."} offset 15s' +
        ' or r{code=~"5.."} offset 15s * 0 and ignoring (code) last_over_time(r[5m] offset 45s)))',
      isSigned: false,
    });
  });

  it.each([
    [
      "of other labels and other matchers",
      'increase(r{a="1",b!="x"}[$window])',
      "increase(r{b='y',a='1',c='2'}[$window])",
      "(b, c)",
    ],
    ["of no other label", "increase(r[$window])", "increase(r[$window])", undefined],
    ["of another metric", "increase(r[$window])", "increase(s{code='5'}[$window])", undefined],
    [
      "of one of two",
      "increase(r{a='1'}[$window]) + increase(r{a='2'}[$window])",
      "increase(r{b='1'}[$window])",
      undefined,
    ],
  ])("have a sibling %s: %s", (_, all, failed, labels) => {
    const found = /ignoring (\([^)]*\))/.exec(stepped(all, failed)?.errors ?? "no query");
    expect(found?.[1]).toBe(labels);
  });

  it.each([`clamp_min(${total} - (${errors} or ${total} * 0), 0)`, `( clamp_min(${total} - ${errors}, 0.0) )`])(
    "may fall below 0 for a step without a clamp around them: %s",
    (text) => {
      const found = stepped(total, text);
      expect(found).toMatchObject({ isSigned: true });
      expect(found?.errors).toMatch(/^sum\(/);
      expect(found?.errors).not.toContain("clamp_min");
    },
  );

  it("of native histograms are counted by their numbers, and of shares by their buckets, where those are not NaN", () => {
    const number =
      "sum(histogram_count(h offset 15s) - (histogram_count(last_over_time(h[5m] offset 45s)) <= histogram_count(h offset 15s)" +
      " or histogram_count(h offset 15s) * 0 and histogram_count(last_over_time(h[5m] offset 45s))))";
    const buckets =
      "sum(h offset 15s - ((last_over_time(h[5m] offset 45s) and" +
      " histogram_count(last_over_time(h[5m] offset 45s)) <= histogram_count(h offset 15s))" +
      " or h offset 15s * 0 and last_over_time(h[5m] offset 45s)))";
    const { total: all, errors: slow } = nativeLatency("h", 0.3, []);
    expect(stepped(all, slow)).toEqual({
      total: `(${number})`,
      errors: `(${number}) * (1 - histogram_fraction(-Inf, 0.3, ${buckets})) >= 0`,
      isSigned: true,
    });
    const fast = "histogram_fraction(0, 0.3, sum(rate(h[$window]))) * histogram_count(sum(increase(h[$window])))";
    const fraction = `histogram_fraction(0, 0.3, sum((${buckets.slice(4, -1)}) / 300))`;
    expect(stepped(all, `${all} - ${fast}`)?.errors).toBe(
      `(${number}) - (${fraction} * (${number}) >= 0 or (${number}) * 0)`,
    );
  });

  it("of samples of gauges are those of a step", () => {
    const { total: all, errors: bad } = gaugeSamples("up", ["job"]);
    expect(stepped(all, bad)).toEqual({
      total: "sum by (job) (count_over_time(up[30s] offset 15s))",
      errors: "sum by (job) (count_over_time(up[30s] offset 15s)) - sum by (job) (sum_over_time(up[30s] offset 15s))",
      isSigned: true,
    });
  });

  it.each([
    'sum by (a) (increase(r{text=")$window("}[$window]))',
    "sum without (code) (rate(r[$window])) * 60 * 5",
    `2 * ${total} / 3 + on (a) ${errors}`,
    `${total} and ${errors}`,
    `(${errors} or vector(0)) + (${total} unless ${errors})`,
    `-${total}`,
    'label_replace(increase(r[$window]), "a", "$1", "b", "(.*)")',
    'sum(increase({"http.requests",code="1"}[$window]))',
  ])("are %s", (text) => {
    expect(stepped(text)).toBeDefined();
  });

  it.each([
    "sum(count_over_time(up[5m]))",
    "sum(max_over_time(up[$window]))",
    "sum(sum_over_time((up == bool 1)[$window:30s]))",
    "histogram_sum(sum(increase(h[$window])))",
    "histogram_count(sum(h))",
    "histogram_count(vector(0))",
    "histogram_count(max(increase(h[$window])))",
    "histogram_fraction(0, 1, sum(rate(h[$window])))",
    "histogram_count(sum(rate(h[$window]))) * histogram_fraction(0, 1, sum(rate(g[$window])))",
    'histogram_count(rate(h{a="1"}[$window])) * histogram_fraction(0, 1, rate(h{a="2"}[$window]))',
    "histogram_count(sum(rate(h[$window]))) * (2 - histogram_fraction(0, 1, sum(rate(h[$window]))))",
    "histogram_count(sum(rate(h[$window]))) * histogram_fraction(0, scalar(b), sum(rate(h[$window])))",
    "histogram_count(sum(rate(h[$window]))) / histogram_fraction(0, 1, sum(rate(h[$window])))",
    `${errors} / ${total}`,
    `${total} * ${total}`,
    `${total} + 1`,
    `${total} > bool 3`,
    `${total} > 0`,
    `${total} or vector(1)`,
    `${total} and on () up == 1`,
    `clamp_max(${total}, 5)`,
    `sum(clamp_min(increase(r[$window]), 0)) - ${errors}`,
    "max(increase(r[$window]))",
    "avg(increase(r[$window]))",
    "sum(irate(r[$window]))",
    "sum(increase(r[5m]))",
    "sum(increase(r[$window] offset 1h))",
    "sum(increase(r[$window:1m]))",
    "vector(0)",
    "job:errors:ratio$window",
    "sum(",
  ])("are not %s", (text) => {
    expect(stepped(text)).toBeUndefined();
    expect(stepped(total, text)).toBeUndefined();
  });
});
