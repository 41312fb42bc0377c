import { expect, test } from "vitest";
import { panel, type Dashboard } from "../core/dashboard.ts";
import { labContext, labDashboard, labMetrics, labSignals } from "./__fixtures__/lab.ts";
import { resolveAll } from "./all.ts";

const faulty = (...dashboards: readonly Partial<Dashboard>[]): string => {
  try {
    resolveAll(
      dashboards.map((each) => ({ ...labDashboard, ...each })),
      labContext,
    );
    return "";
  } catch (thrown) {
    return String(thrown);
  }
};

const rows = (...panels: Dashboard["rows"][number]["panels"]) => ({ rows: [{ title: "Row", panels }] });

test("a right dashboard has no fault", () => {
  expect(faulty({})).toBe("");
});

test("two of one id or title, and ids that Grafana does not take", () => {
  const twins = faulty({}, {});
  expect(twins).toContain('two dashboards have the id "lab"');
  expect(twins).toContain('two dashboards have the title "Laboratory"');
  expect(faulty({ id: "a".repeat(29) }, {})).toContain("the id has 29 characters, at most 28 are possible");
  expect(faulty({ id: "a".repeat(28), rows: [] })).toBe("");
  expect(faulty({ id: "Lab one" }, {})).toContain("dashboard Lab one: an id is of small letters");
});

test("a variable whose metric has not its label", () => {
  const variables = [{ name: "pool", title: "Pool", metric: labMetrics.up }];
  expect(faulty({ variables, rows: [] })).toContain(
    "dashboard lab, variable pool: the metric lab_up has no such label",
  );
});

test("a way to a dashboard, variable or label that there is not", () => {
  const leads = (dashboard: string, variables: Record<string, string>) =>
    faulty(rows(panel("stat", labSignals.up, { drillDown: { dashboard, variables } })));
  expect(leads("none", {})).toContain('dashboard lab, panel "Up": it leads to the dashboard none, which there is not');
  expect(leads("lab", { pool: "node" })).toContain("it sets the variable pool, which the dashboard lab has not");
  expect(leads("lab", { node: "pool" })).toContain("it leads on by the label pool, which its series do not carry");
});

test("signals of several units in one picture, except in a table", () => {
  expect(faulty(rows(panel("timeseries", labSignals.used, { and: [labSignals.up] })))).toContain(
    'dashboard lab, panel "Space in use": "Up" is in boolean, and "Space in use" in ratio',
  );
  expect(faulty(rows(panel("table", labSignals.used, { and: [labSignals.up] })))).toBe("");
});

test("every fault is told at once", () => {
  const faults = faulty({ id: "A", rows: [] }, { id: "B", rows: [] });
  expect(faults.split("\n").slice(1)).toEqual([
    '- two dashboards have the title "Laboratory"',
    "- dashboard A: an id is of small letters, digits and hyphens",
    "- dashboard B: an id is of small letters, digits and hyphens",
  ]);
});
