import { expect, test } from "vitest";
import {
  absent,
  and,
  divide,
  labelReplace,
  max,
  multiply,
  or,
  scalarMinus,
  select,
  selectUntargeted,
  time,
  type Vector,
} from "../core/promql.ts";
import { labMetrics, labSignals } from "./__fixtures__/lab.ts";
import { seriesLabels } from "./series-labels.ts";

const of = (expr: Vector<string>) => seriesLabels(expr.node);
const [used, up] = [select(labMetrics.used), select(labMetrics.up)];

test("a selector's series carry what the metric declares, except what it fixes", () => {
  expect(of(used)).toEqual(["target", "node", "disk"]);
  expect(of(select(labMetrics.used, { node: "a", disk: ["=~", "a|b"] }))).toEqual(["target", "disk"]);
  expect(of(selectUntargeted(labMetrics.used))).toEqual(["node", "disk"]);
});

test("an aggregation keeps what it names, and functions keep what they are given", () => {
  expect(of(max(used, { by: ["node"] }))).toEqual(["node"]);
  expect(of(labSignals.reads.expr)).toEqual(["target", "node", "disk"]);
  expect(of(labSignals.latency.expr)).toEqual([]);
  expect(of(absent(used))).toEqual([]);
  const made = { from: "node", pattern: "(.*)", to: "host", replacement: "$1" } as const;
  expect(of(labelReplace(up, made))).toEqual(["target", "node", "host"]);
});

test("two sides keep what matching keeps", () => {
  expect(of(and(used, up))).toEqual(["target", "node", "disk"]);
  expect(of(or(up, up))).toEqual(["target", "node"]);
  expect(of(scalarMinus(time(), up))).toEqual(["target", "node"]);
  expect(of(divide(used, up, { on: ["node"] }))).toEqual(["node"]);
  const version = select(labMetrics.version);
  expect(of(multiply(used, version, { on: ["target", "node"], groupLeft: ["version"] }))).toEqual([
    "target",
    "node",
    "disk",
    "version",
  ]);
});
