import { describe, expect, it } from "vitest";
import { z } from "zod";
import { days } from "../../core/duration.ts";
import { changed, keysIn, keysOf, leavesOf } from "./__fixtures__/changes.ts";
import { pyrraFormat } from "./pyrra-reader.ts";
import { pyrraSchema } from "./pyrra-schema.ts";

const read = (document: unknown) =>
  pyrraFormat.read([{ document, at: () => ({ line: 1, column: 1 }), file: "slo.yaml" }]);

const objective = (indicator: object, more: object = {}, metadata: object = {}) => ({
  apiVersion: "pyrra.dev/v1alpha1",
  kind: "ServiceLevelObjective",
  metadata: { name: "web", namespace: "shop", ...metadata },
  spec: { target: "99.9", window: "4w", indicator, ...more },
});

function one(document: unknown) {
  const { slos, findings } = read(document);
  expect(findings).toEqual([]);
  const [slo] = slos;
  if (slo?.sli.kind !== "events") throw new Error("no SLO of events was read");
  return { slo, queries: [slo.sli.total.at("5m"), slo.sli.errors.at("5m")] };
}

const metric = (text: string) => ({ metric: text });

describe("an indicator of Pyrra", () => {
  it("of errors and total counts both, by its grouping", () => {
    const { slo, queries } = one(
      objective({ ratio: { errors: metric('x{code="5"}'), total: metric(" x # all\n"), grouping: ["route"] } }),
    );
    expect(queries).toEqual(
      ['sum by (route) (increase(x{code="5"}[5m]))', "sum by (route) (increase(x[5m]))"].toReversed(),
    );
    expect(slo).toMatchObject({ id: "shop-web", service: "shop", objective: 0.999, groupBy: ["route"] });
    expect(slo.window).toEqual({ kind: "rolling", length: days(28) });
    expect(slo.minimum).toEqual({ events: 0, failures: 2 });
  });

  it("of success and total takes all that did not succeed for failed", () => {
    const { queries } = one(objective({ ratio: { success: metric("good"), total: metric("all") } }));
    const all = "sum(increase(all[5m]))";
    expect(queries).toEqual([all, `clamp_min(${all} - (sum(increase(good[5m])) or ${all} * 0), 0)`]);
  });

  it("of errors and success adds them up, also while one of them has no series", () => {
    const { queries } = one(objective({ ratio: { errors: metric("bad"), success: metric("good") } }));
    const [bad, good] = ["sum(increase(bad[5m]))", "sum(increase(good[5m]))"];
    expect(queries).toEqual([`(${bad} or ${good} * 0) + (${good} or ${bad} * 0)`, bad]);
  });

  it("of latency finds its bucket in every spelling of the bound", () => {
    const { queries } = one(
      objective({ latency: { success: metric('h_bucket{le="1",a!="\\"b"}'), total: metric('h_count{a!="\\"b"}') } }),
    );
    const all = 'sum(increase(h_count{a!="\\"b"}[5m]))';
    const fast = 'sum(increase(h_bucket{a!="\\"b",le=~"1|1[.]0"}[5m]))';
    expect(queries).toEqual([`${all} and ${fast}`, `clamp_min(${all} - ${fast}, 0)`]);
  });

  it("of a native histogram asks for the fraction below its latency", () => {
    const { queries } = one(objective({ latencyNative: { latency: "1s500ms", total: metric("h{a='b'}") } }));
    expect(queries[1]).toContain("histogram_fraction(-Inf, 1.5, sum(increase(h{a='b'}[5m])))");
  });

  it("of a gauge counts its samples", () => {
    const { slo, queries } = one(objective({ bool_gauge: metric("up") }));
    expect(queries[0]).toBe("sum(count_over_time(up[5m]))");
    expect(slo.minimum.failures).toBe(2);
  });
});

describe("the alerts of an objective of Pyrra", () => {
  const alerting = (written: object) =>
    one(objective({ bool_gauge: metric("up") }, { alerting: written })).slo.alerting;

  it("have its names and severities by default", () => {
    expect(alerting({})).toMatchObject({
      name: "ErrorBudgetBurn",
      page: { enabled: true, labels: {} },
      ticket: { enabled: true },
      noData: { severity: "critical" },
    });
  });

  it.each([
    [{ burnrates: false }, false, { severity: "critical" }],
    [{ absent: false }, true, undefined],
    [{ disabled: true }, false, undefined],
    [{ severities: { absent: "info" } }, true, { severity: "info" }],
  ])("%j", (written, isOn, noData) => {
    expect(alerting(written)).toMatchObject({ page: { enabled: isOn }, ticket: { enabled: isOn }, noData });
  });

  it("take severities, labels and annotations along", () => {
    const document = objective(
      { bool_gauge: metric("up") },
      { alerting: { severities: { fastBurn: "page", mediumBurn: "page" } } },
      {
        labels: { role: "x", "pyrra.dev/team": "a", "pyrra.dev/service": "shopping" },
        annotations: { other: "y", "pyrra.dev/wiki": "z" },
      },
    );
    const { slo } = one(document);
    expect(slo).toMatchObject({ service: "shopping", labels: { team: "a", service: "shopping" } });
    expect(slo.alerting.page).toEqual({ enabled: true, labels: { severity: "page" }, annotations: { wiki: "z" } });
  });
});

describe("every key of Pyrra's resource", () => {
  const full = (indicator: object) =>
    objective(
      indicator,
      {
        description: "What it promises.",
        alerting: {
          disabled: false,
          burnrates: true,
          absent: true,
          name: "Burns",
          absentName: "Gone",
          severities: {
            absent: "info",
            fastBurn: "page",
            mediumBurn: "page",
            slowBurn: "mail",
            longTermBurn: "mail",
          },
        },
        partial_response_strategy: "warn",
        performanceOverAccuracy: true,
        ruleOutput: { shortRulesLabels: { a: "b" }, longRulesLabels: { a: "b" }, enableDescriptionAsLabel: true },
      },
      { labels: { "pyrra.dev/team": "a" }, annotations: { "pyrra.dev/wiki": "b" } },
    );
  const documents = [
    full({ ratio: { errors: metric("bad"), total: metric("all"), grouping: ["a"] } }),
    full({ ratio: { errors: metric("bad"), success: metric("good") } }),
    full({ latency: { success: metric('h_bucket{le="1"}'), total: metric("h_count"), unit: "s", grouping: ["a"] } }),
    full({ latencyNative: { latency: "1s", total: metric("h"), grouping: ["a"] } }),
    full({ bool_gauge: { metric: "up", grouping: ["a"] } }),
  ];

  /** By Pyrra v0.10's CustomResourceDefinition and the types of its main branch. */
  const official = (
    "description target window indicator alerting partial_response_strategy performanceOverAccuracy ruleOutput " +
    "shortRulesLabels longRulesLabels enableDescriptionAsLabel ratio latency latencyNative bool_gauge grouping errors " +
    "total success metric unit disabled burnrates absent name absentName severities fastBurn mediumBurn slowBurn " +
    "longTermBurn"
  ).split(" ");

  it("is known, and in the documents of this test", () => {
    const known = keysOf(z.toJSONSchema(pyrraSchema, { io: "input", unrepresentable: "any" }));
    expect(official.filter((key) => !known.has(key))).toEqual([]);
    const present = new Set([...documents.flatMap((document) => [...keysIn(document)]), "status"]);
    expect([...known].filter((key) => !present.has(key))).toEqual([]);
  });

  const told = new Set(documents.flatMap((document) => read(document).findings.map(({ path }) => path)));
  it("that asks what can not be done is a finding", () => {
    expect([...told].toSorted()).toEqual(
      [
        "spec.alerting.absentName",
        "spec.indicator.latency.unit",
        "spec.partial_response_strategy",
        "spec.performanceOverAccuracy",
        "spec.ruleOutput.enableDescriptionAsLabel",
        "spec.ruleOutput.longRulesLabels",
        "spec.ruleOutput.shortRulesLabels",
      ].toSorted(),
    );
  });

  const possible = documents.map((document) => ({
    ...document,
    spec: {
      ...document.spec,
      ruleOutput: {},
      partial_response_strategy: "abort",
      alerting: { ...Reflect.get(document.spec, "alerting"), absentName: "" },
    },
  }));
  const alternatives: Readonly<Record<string, unknown>> = {
    "99.9": "99",
    "4w": "2w",
    "1s": "2s",
    s: "ms",
    info: "warning",
  };
  const leaves = possible.flatMap((document, i) =>
    leavesOf(document).map((path) => ({ document, path, label: `${i} ${path.join(".")}` })),
  );
  it.each(leaves.filter(({ path }) => !told.has(path.join("."))))(
    "another value of $label makes a difference",
    ({ document, path }) => {
      const instead = (value: unknown) => alternatives[String(value)];
      const [before, after] = [read(document), read(changed(document, path, instead))];
      expect(before.slos).toHaveLength(1);
      expect(JSON.stringify(after)).not.toBe(JSON.stringify(before));
    },
  );
});
