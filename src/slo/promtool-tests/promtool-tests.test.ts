import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { minutes, parseDuration, seconds } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import type { Stepping } from "../promql/steps.ts";
import { httpSlo, promql } from "../rules/__fixtures__/slos.ts";
import { shapes } from "./__fixtures__/shapes.ts";
import { sloTests } from "./index.ts";

const fileSchema = z.strictObject({
  rule_files: z.array(z.string()),
  evaluation_interval: z.string(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.string(),
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

/** The files of a shape, by their names without the shape's. */
function filesOf(id: string, stepping?: Stepping) {
  const others = shapes.filter((slo) => slo.id !== id);
  const { files } = sloTests([ofId(id), ...others], () => ["rules.yaml"], stepping);
  const own = files.filter(({ sloId }) => sloId === id);
  return new Map(own.map(({ name, text }) => [name.slice(id.length), fileSchema.parse(parse(text))]));
}

const casesOf = (id: string) => [...filesOf(id).values()].flatMap(({ tests }) => tests);
const namesOf = (id: string): readonly string[] => casesOf(id).map(({ name }) => name);

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
  it("are those that its tiers and queries ask for, in one file for each pace", () => {
    const files = filesOf("patterns");
    expect([...files].map(([name, { evaluation_interval }]) => [name, evaluation_interval])).toEqual([
      [".test.yaml", "30s"],
      [".long.test.yaml", "2m"],
      [".budget.test.yaml", "4d2m"],
    ]);
    const few = "one failure in a quiet time, fewer than the minimum";
    expect([...files.values()].map(({ tests }) => tests.map(({ name }) => name))).toEqual([
      [
        "everything fails: page within 1m",
        "the budget burns 9.3 times too fast: page",
        "the budget burns 20.4 times too fast: page",
        "no failure was ever counted, so that its series is not there: no alert, all of the budget is left",
        "nothing ever went well, so that its series is not there: page",
        `nothing happens: no alert, all of the budget is left; ${few}: no page; more of them: page`,
      ],
      [
        "everything fails and then nothing: page and ticket, and the page ends",
        "the budget burns 1.73 times too fast: ticket",
        "the budget burns 4.24 times too fast: ticket",
        "the budget burns at 0.5 of what it allows: no alert",
        "nothing is measured: the no-data alert, no other alert, and nothing is said of the budget",
        `${few}: no alert`,
      ],
      [
        "30% of the budget is left: the alert that it is below 50%",
        "5% of the budget is left: the alert that it is below 10%",
        "75% of the budget is left: no alert",
        "5% of the budget is left, of two hours that were measured: no alert",
      ],
    ]);
  });

  it("are evaluated as often as the rules count, and expect a page as late as they read", () => {
    const { tests = [], evaluation_interval } =
      filesOf("patterns", { step: seconds(15), lag: minutes(1) }).get(".test.yaml") ?? {};
    expect(evaluation_interval).toBe("15s");
    expect(tests.every(({ interval }) => interval === "15s")).toBe(true);
    expect(tests[0]?.name).toBe("everything fails: page within 1m15s");
  });

  it("are few minutes long where they need not wait for a ticket", () => {
    const last = (id: string, file: string): number =>
      Math.max(
        ...(filesOf(id).get(file)?.tests ?? []).flatMap(({ promql_expr_test }) =>
          promql_expr_test.map(({ eval_time }) => parseDuration(eval_time) ?? Infinity),
        ),
      );
    expect(last("patterns", ".test.yaml")).toBeLessThanOrEqual(minutes(15));
    expect(last("patterns", ".long.test.yaml")).toBeLessThanOrEqual(minutes(70));
  });

  it("leave out a tier that can never fire, a page that is off, and thresholds that are not there", () => {
    expect(namesOf("low-objective")).toContain("everything fails: ticket");
    const off = namesOf("page-off");
    expect(off.filter((name) => name.includes("page"))).toEqual([]);
    expect(off.find((name) => name.startsWith("nothing is measured"))).not.toContain("no-data");
    const { alerting } = httpSlo();
    const { files } = sloTests([httpSlo({ alerting: { ...alerting, budgetLeft: [] } })], () => ["rules.yaml"]);
    expect(files.map(({ name }) => name)).toEqual(["shop-requests.test.yaml", "shop-requests.long.test.yaml"]);
  });

  it("have one for groups, in which the bad one is a thousandth of all events", () => {
    const found = inputs("grouped-by-name", /^one of 2 groups/);
    expect(found).toEqual({
      'r{zone="eu",code="500"}': "100000000 100002400+2400x11",
      'r{zone="eu",code="200"}': "100000000 100000000+0x11",
      'r{zone="us",code="500"}': "100000000 100000000+0x11",
      'r{zone="us",code="200"}': "100000000 102400000+2400000x11",
    });
  });
});

describe("the input series", () => {
  it("show each alternative of a pattern, and share the failures", () => {
    expect(inputs("patterns", /^everything/)).toEqual({
      'r{job="shop",handler="other",code="500"}': "100000000 100000800+800x11",
      'r{job="shop",handler="other",code="429"}': "100000000 100000800+800x11",
      'r{job="depot",handler="other",code="500"}': "100000000 100000800+800x11",
      'r{job="shop",handler="other",code="200"}': "100000000 100000000+0x11",
      'r{job="depot",handler="other",code="200"}': "100000000 100000000+0x11",
    });
  });

  it("are buckets in both spellings of a bound", () => {
    const found = inputs("buckets", /^everything/);
    expect(Object.keys(found)).toEqual(['d_bucket{le="+Inf"}', 'd_bucket{le="1"}', 'd_bucket{le="1.0"}']);
    expect(found['d_bucket{le="1"}']).toBe("100000000 100000000+0x11");
  });

  it("are native histograms with slow events above the bound and fast ones below it", () => {
    expect(Object.values(inputs("native", /^everything/))[0]).toMatch(
      /\+\{\{schema:0 sum:2400 count:2400 offset:-2 buckets:\[0 0 2400\]\}\}x11$/,
    );
  });

  it("are gauges that are 1 or 0, where samples are counted", () => {
    expect(inputs("probe", /^everything/)).toEqual({ 'probe_success{job="probe"}': "0x32" });
    expect(inputs("probe", /^all is well/)).toEqual({ 'probe_success{job="probe"}': "1x60" });
    expect(inputs("probe", /^one failure/)).toEqual({ 'probe_success{job="probe"}': "1x10 0x0 1x4" });
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
