import { expect, test } from "vitest";
import { alertsMetric } from "../../core/scrape-metrics.ts";
import type { Node } from "../../core/promql-tree.ts";
import { httpSlo } from "../../slo/rules/__fixtures__/slos.ts";
import { sloRules } from "../../slo/rules/groups.ts";
import { minutes } from "../../core/duration.ts";
import { sloPack } from "./pack.ts";

const bySlices = httpSlo({ id: "shop-slices", timeslices: { length: minutes(5), objective: 0.99 } });
const rules = sloRules([httpSlo(), bySlices], { externalUrl: "https://wk.example.org" }).flatMap(
  (group) => group.rules,
);
const labelsOf = (metric: string): readonly string[] =>
  rules.flatMap((rule) => ("record" in rule && rule.record === metric ? Object.keys(rule.labels) : []));

function* selectorsOf(node: Node): Generator<Extract<Node, { kind: "selector" }>> {
  if (node.kind === "selector") yield node;
  else if (node.kind === "call") for (const arg of node.args) yield* selectorsOf(arg);
  else if (node.kind === "aggregate") yield* selectorsOf(node.of);
  else if (node.kind === "binary") {
    yield* selectorsOf(node.left);
    yield* selectorsOf(node.right);
  }
}

const selectors = Object.entries(sloPack.signals).flatMap(([name, { expr }]) =>
  [...selectorsOf(expr.node)].map((selector) => ({ name, ...selector })),
);

test("what the dashboards ask is what the rules of objectives record", () => {
  const asked = selectors.filter(({ metric }) => metric !== alertsMetric.name);
  expect(asked.length).toBeGreaterThan(20);
  const unknown = asked.filter(({ metric, labels }) => {
    const recorded = labelsOf(metric);
    return recorded.length === 0 || !labels.every((label) => recorded.includes(label));
  });
  expect(unknown).toEqual([]);
});

test("what they ask of alerts are labels of the alerts of objectives", () => {
  const alerts = rules.flatMap((rule) => ("alert" in rule ? [rule.labels] : []));
  expect(alerts.length).toBeGreaterThan(0);
  const asked = selectors.filter(({ metric }) => metric === alertsMetric.name);
  const labels = asked.flatMap(({ matchers }) => matchers.map(({ label }) => label));
  expect(labels).toContain("slo_id");
  for (const label of labels.filter((name) => name !== "alertstate"))
    for (const each of alerts) expect(Object.keys(each)).toContain(label);
});

test("every metric that is asked is declared", () => {
  const declared = new Set(Object.values(sloPack.foreignMetrics ?? {}).map(({ name }) => name));
  expect(selectors.filter(({ metric }) => !declared.has(metric))).toEqual([]);
});
