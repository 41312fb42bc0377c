import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { Slo } from "../model.ts";
import { httpSlo, promql } from "../rules/__fixtures__/slos.ts";
import { shapes } from "./__fixtures__/shapes.ts";
import { sloTests } from "./index.ts";

const fileSchema = z.strictObject({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.literal("1m"),
      input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })),
      promql_expr_test: z.array(
        z.strictObject({
          expr: z.string(),
          eval_time: z.string(),
          exp_samples: z.array(z.strictObject({ labels: z.string(), value: z.number() })),
        }),
      ),
    }),
  ),
});

const ofId = (id: string): Slo => {
  const slo = shapes.find((each) => each.id === id);
  if (slo === undefined) throw new Error(`no shape ${id}`);
  return slo;
};

/** The cases of a shape by the beginning of their names. */
function casesOf(id: string, slos: readonly Slo[] = shapes) {
  const { files } = sloTests([ofId(id), ...slos.filter((slo) => slo.id !== id)], () => ["rules.yaml"]);
  return fileSchema.parse(parse(files[0]?.text ?? "")).tests;
}

const inputs = (id: string, name: RegExp) =>
  Object.fromEntries(
    casesOf(id)
      .find((one) => name.test(one.name))
      ?.input_series.map(({ series, values }) => [series, values]) ?? [],
  );

const events = (total: string, errors: string): Slo =>
  httpSlo({ sli: { kind: "events", total: promql(total), errors: promql(errors) } });
const total = "sum(increase(r[$window]))";

describe("the cases of an SLO", () => {
  it("are those that its tiers and queries ask for", () => {
    expect(casesOf("patterns").map(({ name }) => name)).toEqual([
      "everything fails: page and ticket",
      "the budget burns 1.73 times too fast: ticket",
      "the budget burns 4.24 times too fast: ticket",
      "the budget burns 9.3 times too fast: page and ticket",
      "the budget burns 20.4 times too fast: page and ticket",
      "the budget burns at 0.5 of what it allows: no alert",
      "no failure was ever counted, so that its series is not there: no alert, all of the budget is left",
      "nothing ever went well, so that its series is not there: page and ticket",
      "nothing happens: no alert, all of the budget is left",
      "nothing is measured: the no-data alert, no other alert, and nothing is said of the budget",
      "one failure in a quiet time, fewer than the minimum: no alert",
    ]);
  });

  it("leave out a tier that can never fire, and a page that is off", () => {
    expect(casesOf("low-objective").map(({ name }) => name)).toContain("everything fails: ticket");
    expect(casesOf("page-off").filter(({ name }) => name.includes("page"))).toEqual([]);
    expect(casesOf("page-off").find(({ name }) => name.startsWith("nothing is measured"))?.name).not.toContain(
      "no-data",
    );
  });

  it("have one for groups, in which the bad one is a thousandth of all events", () => {
    const found = inputs("grouped-by-name", /^one of 2 groups/);
    expect(found).toEqual({
      'r{zone="eu",code="500"}': "100000000 100004800+4800x29",
      'r{zone="eu",code="200"}': "100000000 100000000+0x29",
      'r{zone="us",code="500"}': "100000000 100000000+0x29",
      'r{zone="us",code="200"}': "100000000 104800000+4800000x29",
    });
  });
});

describe("the input series", () => {
  it("show each alternative of a pattern, and share the failures", () => {
    expect(inputs("patterns", /^everything/)).toEqual({
      'r{job="shop",handler="other",code="500"}': "100000000 100001600+1600x29",
      'r{job="shop",handler="other",code="429"}': "100000000 100001600+1600x29",
      'r{job="depot",handler="other",code="500"}': "100000000 100001600+1600x29",
      'r{job="shop",handler="other",code="200"}': "100000000 100000000+0x29",
      'r{job="depot",handler="other",code="200"}': "100000000 100000000+0x29",
    });
  });

  it("are buckets in both spellings of a bound", () => {
    const found = inputs("buckets", /^everything/);
    expect(Object.keys(found)).toEqual(['d_bucket{le="+Inf"}', 'd_bucket{le="1"}', 'd_bucket{le="1.0"}']);
    expect(found['d_bucket{le="1"}']).toBe("100000000 100000000+0x29");
  });

  it("are native histograms with slow events above the bound and fast ones below it", () => {
    expect(Object.values(inputs("native", /^everything/))[0]).toMatch(
      /\+\{\{schema:0 sum:4800 count:4800 offset:-2 buckets:\[0 0 4800\]\}\}x29$/,
    );
  });

  it("are gauges that are 1 or 0, where samples are counted", () => {
    expect(inputs("probe", /^everything/)).toEqual({ 'probe_success{job="probe"}': "0x40" });
    expect(inputs("probe", /^all is well/)).toEqual({ 'probe_success{job="probe"}': "1x30" });
    expect(inputs("probe", /^one failure/)).toEqual({ 'probe_success{job="probe"}': "1x12 0x0 1x16" });
  });

  it("are those of the members for a composite", () => {
    expect(Object.keys(inputs("worst", /^everything/))).toEqual([
      "jobs_total",
      "job_failures_total",
      'probe_success{job="probe"}',
    ]);
  });
});

describe("a query that can not be fed honestly", () => {
  it.each([
    ["histogram_quantile() of something", "histogram_quantile(0.9, sum by (le) (rate(r_bucket[$window])))", total],
    ["a subquery", "sum(sum_over_time((r > bool 3)[$window:1m]))", total],
    ["an offset", "sum(increase(r[$window] offset 1h))", total],
    ["a metric without name", 'sum(increase({job="x"}[$window]))', total],
    ["failures that are no events", total, 'sum(increase(r{code="500"}[$window])) * 2'],
    ["a total of which nothing is good", total, total],
    ["a counter that is read as a gauge too", total, "sum(r)"],
    ["a comparison", `${total} > bool 3`, total],
  ])("is a finding: %s", (_, all, errors) => {
    const { files, findings } = sloTests([events(all, errors)], () => ["rules.yaml"]);
    expect(files).toEqual([]);
    expect(findings).toMatchObject([{ check: "untested-query", severity: "warning", path: "shop-requests.sli" }]);
    expect(findings[0]?.message).toMatch(/^has .+, so no test is written; write one by hand$/);
  });

  it("is one with a composite whose members select the same series", () => {
    const member = (id: string, code: string): Slo => ({
      ...events(total, `sum(increase(r{code="${code}"}[$window]))`),
      id,
    });
    const composite: Slo = {
      ...ofId("worst"),
      sli: { kind: "composite", method: "worst", members: ["a", "b"].map((sloId) => ({ sloId, weight: 1 })) },
    };
    const { findings } = sloTests([composite, member("a", "500"), member("b", "503")], () => ["rules.yaml"]);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining("members that select the same series"),
    ]);
  });
});

it("gives the same files for the same SLOs", () => {
  const files = () => sloTests(shapes, () => ["rules.yaml"]).files;
  expect(files()).toEqual(files());
});
