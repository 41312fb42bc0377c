import { expect, test } from "vitest";
import { alert } from "../core/alert.ts";
import { minutes } from "../core/duration.ts";
import { gauge } from "../core/metric.ts";
import { and, divide, equal, greater, less, or, select, unequal, type Vector } from "../core/promql.ts";
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
