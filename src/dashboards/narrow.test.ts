import { expect, test } from "vitest";
import type { DashboardVariable } from "../core/dashboard.ts";
import { gauge } from "../core/metric.ts";
import { and, labelReplace, max, select, type Vector } from "../core/promql.ts";
import { panelPromql } from "./panel-promql.ts";

const up = gauge("lab_up", { help: "x", labels: ["id"] });
const load = gauge("lab_load", { help: "x", labels: ["node"] });
const [target, node, storage]: DashboardVariable[] = ["target", "node", "storage"].map((name) => ({
  name,
  title: name,
  metric: load,
}));
const variables = [target, node, storage].filter((each) => each !== undefined);

const narrowed = (of: Vector<string>) => panelPromql(of.node, variables);

test("what carries the label of a variable is narrowed by it", () => {
  expect(narrowed(select(load))).toBe('lab_load{target=~"$target", node=~"$node"}');
  expect(narrowed(select(load, { node: "a" }))).toBe('lab_load{node="a", target=~"$target"}');
});

test("a label that is made of a part of another one is chosen by that part", () => {
  const nodes = select(up, { id: ["=~", "node/.*"] });
  const byNode = labelReplace(and(nodes, select(up)), {
    from: "id",
    pattern: "node/(.*)",
    to: "node",
    replacement: "$1",
  });
  expect(narrowed(max(byNode, { by: ["target", "node"] }))).toBe(
    'max by (target, node) (label_replace(lab_up{id=~"node/.*", target=~"$target", id=~"node/$node"} and ' +
      'lab_up{target=~"$target", id=~"node/$node"}, "node", "$1", "id", "node/(.*)"))',
  );
});

test("each of several labels that are made of one is chosen by its own part", () => {
  const pattern = "(?:storage/)([^/]+)/(.*)";
  const byNode = labelReplace(select(up), { from: "id", pattern, to: "node", replacement: "$1" });
  const both = labelReplace(byNode, { from: "id", pattern, to: "storage", replacement: "$2" });
  expect(narrowed(both)).toContain(
    'lab_up{target=~"$target", id=~"(?:storage/)$node/(.*)", id=~"(?:storage/)([^/]+)/$storage"}',
  );
});

test("a label that is made of nothing else narrows nothing", () => {
  const made = labelReplace(select(up), { from: "id", pattern: ".*", to: "node", replacement: "" });
  expect(narrowed(made)).toBe('label_replace(lab_up{target=~"$target"}, "node", "", "id", ".*")');
});
