import { expect, test } from "vitest";
import { alert } from "../core/alert.ts";
import { minutes } from "../core/duration.ts";
import { gauge } from "../core/metric.ts";
import {
  and,
  atMost,
  countWhere,
  divide,
  equal,
  greater,
  less,
  max,
  min,
  or,
  select,
  sum,
  unequal,
  unless,
  type Vector,
} from "../core/promql.ts";
import { alertsAbout, levelsOf, severityAt } from "./alert-levels.ts";

const used = select(gauge("lab_used", { help: "x", unit: "ratio" }));
const other = select(gauge("lab_other", { help: "x" }));

const alertOf = (severity: "critical" | "warning" | "info", when: Vector<string>) =>
  alert({ name: "Lab", severity, when, for: minutes(1), summary: () => "", description: () => "" });

test("thresholds are those of the alerts, the worst of several counts", () => {
  const alerts = [alertOf("warning", greater(used, 0.8)), alertOf("critical", greater(used, 0.9))];
  expect(levelsOf(used.node, alerts)).toEqual([
    { from: null, severity: "ok" },
    { from: 0.8, severity: "warning" },
    { from: 0.9, severity: "critical" },
  ]);
});

test("what is bad when it is low is bad from the bottom on", () => {
  const alerts = [alertOf("critical", less(used, 0.1)), alertOf("warning", less(used, 0.25))];
  expect(levelsOf(used.node, alerts)).toEqual([
    { from: null, severity: "critical" },
    { from: 0.1, severity: "warning" },
    { from: 0.25, severity: "ok" },
  ]);
});

test("exactly one is right: less and more are not", () => {
  expect(levelsOf(used.node, [alertOf("critical", unequal(used, 1))])).toEqual([
    { from: null, severity: "critical" },
    { from: 1, severity: "ok" },
    { from: 2, severity: "critical" },
  ]);
});

test("conditions that narrow an alert do not hide its threshold, and alternatives count too", () => {
  const narrowed = and(greater(used, 0.8), greater(other, 5));
  expect(levelsOf(used.node, [alertOf("warning", or(narrowed, less(other, 1)))])).toEqual([
    { from: null, severity: "ok" },
    { from: 0.8, severity: "warning" },
  ]);
  expect(levelsOf(other.node, [alertOf("warning", narrowed)])).toEqual([]);
});

test("a comparison of something else is none of this signal", () => {
  const alerts = [alertOf("warning", greater(divide(used, other), 0.8))];
  expect(levelsOf(used.node, alerts)).toEqual([]);
  expect(alertsAbout(used.node, alerts)).toHaveLength(1);
  expect(alertsAbout(select(gauge("lab_third", { help: "x" })).node, alerts)).toEqual([]);
});

test("booleans are judged by value", () => {
  const alerts = [alertOf("critical", equal(used, 0))];
  expect([0, 1].map((value) => severityAt(used.node, alerts, value))).toEqual(["critical", "ok"]);
  expect(severityAt(other.node, alerts, 0)).toBeUndefined();
});

test("the worst of many is as bad as it is alone", () => {
  const alerts = [alertOf("warning", greater(used, 0.8))];
  expect(levelsOf(max(used).node, alerts)).toEqual(levelsOf(used.node, alerts));
  expect(severityAt(min(used).node, [alertOf("critical", equal(used, 0))], 0)).toBe("critical");
  expect(levelsOf(sum(used).node, alerts)).toEqual([]);
});

test("how many cases an alert has is bad from the first one on, and the worst of several alerts counts", () => {
  const [low, high] = [less(used, 0.1), greater(used, 0.9)];
  const alerts = [alertOf("warning", low), alertOf("critical", high)];
  const from1 = (severity: string) => [
    { from: null, severity: "ok" },
    { from: 1, severity },
  ];
  expect(levelsOf(countWhere(used, () => low).node, alerts)).toEqual(from1("warning"));
  expect(levelsOf(countWhere(used, () => or(low, high)).node, alerts)).toEqual(from1("critical"));
  expect(levelsOf(countWhere(used, () => greater(used, 0.2)).node, alerts)).toEqual([]);
});

test("what is there only while an alert holds is bad whatever its value", () => {
  const lost = unless(other, used);
  expect(levelsOf(lost.node, [alertOf("warning", lost)])).toEqual([{ from: null, severity: "warning" }]);
  expect(severityAt(lost.node, [alertOf("warning", lost)], 0)).toBe("warning");
});

test("more than none begins above none", () => {
  expect(levelsOf(used.node, [alertOf("warning", greater(used, 0))])).toEqual([
    { from: null, severity: "ok" },
    { from: 0.001, severity: "warning" },
  ]);
  expect(levelsOf(used.node, [alertOf("warning", atMost(used, 0))])).toEqual([
    { from: null, severity: "warning" },
    { from: 0.001, severity: "ok" },
  ]);
});

test("of an alert with a threshold only what is compared with that counts", () => {
  const narrowed = alert({
    name: "Lab",
    severity: "warning",
    threshold: { value: 7, unit: "none", help: "x" },
    when: (most) => and(greater(used, 0.6), greater(other, most)),
    for: minutes(1),
    summary: () => "",
    description: () => "",
  });
  expect(levelsOf(used.node, [narrowed])).toEqual([]);
});

test("a total is about the alerts of what it sums up", () => {
  const low = less(used, 0.1);
  const alerts = [alertOf("warning", low)];
  const totals = [
    max(used),
    sum(used),
    countWhere(used, () => low),
    countWhere(used, () => or(greater(other, 1), low)),
  ];
  for (const total of totals) expect(alertsAbout(total.node, alerts)).toEqual(alerts);
  expect(alertsAbout(max(other).node, alerts)).toEqual([]);
});
