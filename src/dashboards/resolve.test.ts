import { expect, test } from "vitest";
import { panel, type Dashboard, type Panel, type SignalPanel } from "../core/dashboard.ts";
import { gauge } from "../core/metric.ts";
import { count, labelReplace, max, select, type Vector } from "../core/promql.ts";
import { signal } from "../core/signal.ts";
import { labContext, labDashboard, labMetrics, labSignals } from "./__fixtures__/lab.ts";
import { resolve } from "./resolve.ts";
import type { ResolvedSignals } from "./resolved.ts";

const dashboardOf = (...panels: readonly Panel[]): Dashboard => ({
  ...labDashboard,
  rows: [{ title: "Row", panels }],
});

function resolved(panel: SignalPanel): ResolvedSignals {
  const [row] = resolve(dashboardOf(panel), labContext).rows;
  const [first] = row?.panels ?? [];
  if (first?.kind !== "signals") throw new Error("no panel of signals");
  return first;
}

test("queries are narrowed by the variables that their metrics carry, and rates are over the window of the screen", () => {
  const [query] = resolved(panel("timeseries", labSignals.reads)).queries;
  expect(query?.expr).toBe('rate(lab_reads_total{target=~"$target", node=~"$node", disk="$disk"}[$__rate_interval])');
  expect(resolved(panel("timeseries", labSignals.latency)).queries[0]?.expr).not.toContain("$target");
});

test("choices are narrowed by the choices before them", () => {
  expect(resolve(labDashboard, labContext).variables.map(({ query }) => query)).toEqual([
    "label_values(lab_up, target)",
    'label_values(lab_up{target=~"$target"}, node)',
    'label_values(lab_used_ratio{target=~"$target", node=~"$node"}, disk)',
  ]);
});

test("a legend names what tells series apart, and the signal where there are several", () => {
  const legends = (of: SignalPanel) => resolved(of).queries.map(({ legend }) => legend);
  expect(legends(panel("timeseries", labSignals.used))).toEqual(["{{target}} {{node}}"]);
  expect(legends(panel("timeseries", labSignals.latency))).toEqual(["Latency"]);
  expect(legends(panel("timeseries", labSignals.worst, { and: [labSignals.used] }))).toEqual([
    "Fullest disk {{node}}",
    "Space in use {{target}} {{node}}",
  ]);
  expect(legends(panel("timeseries", labSignals.used, { legend: "{{disk}}" }))).toEqual(["{{disk}}"]);
});

test("a panel tells of its alerts, and why it may be empty", () => {
  const { description, alerts } = resolved(panel("stat", labSignals.used, { emptyWhen: "there is no disk" }));
  expect(alerts).toEqual(["LabFilling", "LabFull"]);
  expect(description).toBe(
    "How full it is.\n\nAlerts: [LabFilling](https://watch.test/runbooks/LabFilling), " +
      "[LabFull](https://watch.test/runbooks/LabFull)\n\nMay be empty: there is no disk.",
  );
});

test("each signal has its own unit and levels; a boolean says what 0 and 1 are", () => {
  const [used, up, saved] = resolved(
    panel("table", labSignals.used, { and: [labSignals.up, labSignals.saved] }),
  ).queries;
  expect(used?.levels.map(({ from, severity }) => [from, severity])).toEqual([
    [null, "ok"],
    [0.8, "warning"],
    [0.95, "critical"],
  ]);
  expect(up).toMatchObject({ unit: "boolean", levels: [], booleans: { zero: "critical", one: "ok" } });
  expect(saved).toMatchObject({ unit: "timestamp", levels: [] });
  expect(saved?.expr).toMatch(/^\(lab_saved_timestamp_seconds\{.*\}\) \* 1000$/);
});

test("levels of a time are in the milliseconds of Grafana's dates", () => {
  const levels = [
    { from: null, severity: "ok" },
    { from: 5, severity: "warning" },
  ] as const;
  expect(resolved(panel("stat", { ...labSignals.saved, levels })).levels).toEqual([
    { from: null, severity: "ok" },
    { from: 5000, severity: "warning" },
  ]);
});

test("ids are unique, and those of other panels stay when one is added", () => {
  const idsOf = (dashboard: Dashboard) =>
    resolve(dashboard, labContext).rows.flatMap((row) => [row.id, ...row.panels.map(({ id }) => id)]);
  const ids = idsOf(labDashboard);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.min(...ids)).toBeGreaterThan(0);
  const [summary, ...others] = labDashboard.rows;
  const more = { title: "Summary", panels: [panel("stat", labSignals.reads), ...(summary?.panels ?? [])] };
  expect(idsOf({ ...labDashboard, rows: [more, ...others] })).toEqual(expect.arrayContaining(ids));
  const twins = idsOf(dashboardOf(panel("stat", labSignals.up), panel("stat", labSignals.up)));
  expect(new Set(twins).size).toBe(3);
});

test("a closed row takes one line, whatever is in it", () => {
  const [, closed, end] = resolve(labDashboard, labContext).rows;
  expect(end?.place.y).toBe((closed?.place.y ?? 0) + 1);
});

test("only the data sources that are asked are to be chosen", () => {
  expect(resolve(labDashboard, labContext).dataSources).toEqual(["prometheus", "elasticsearch", "tempo"]);
  const { explore: _, ...plain } = dashboardOf(panel("stat", labSignals.up));
  expect(resolve(plain, labContext).dataSources).toEqual(["prometheus"]);
});

const odd = gauge("lab_odd", { help: "x", labels: ["name"] });

test("what looks like a variable in a label's value is not taken for one, and a captured group stays", () => {
  const made = labelReplace(select(odd, { name: ["=~", 'a"$target|${node}|[[disk]]|end$'] }), {
    from: "name",
    pattern: "(.*)",
    to: "made",
    replacement: "$1",
  });
  const of = signal({ title: "Odd", help: "x", unit: "none", expr: made });
  expect(resolved(panel("stat", of)).queries[0]?.expr).toBe(
    String.raw`label_replace(lab_odd{name=~"a\"\x24target|\x24{node}|\x5b[disk]]|end$", target=~"$target"}, "made", "$1", "name", "(.*)")`,
  );
});

test("an info metric's labels tell everything", () => {
  const version = select(labMetrics.version);
  const isInfo = (expr: Vector<string>) =>
    resolved(panel("table", { ...labSignals.version, expr })).queries[0]?.isInfo === true;
  expect([version, max(version, { by: ["version"] })].map(isInfo)).toEqual([true, true]);
  expect([count(version, { by: ["version"] }), select(labMetrics.up)].map(isInfo)).toEqual([false, false]);
});
