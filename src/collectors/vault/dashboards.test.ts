import { expect, test } from "vitest";
import { alertsAbout } from "../../dashboards/alert-levels.ts";
import { vaultAlerts } from "./alerts.ts";
import { vaultDashboards } from "./dashboards.ts";

test("every alert has what it is about on a dashboard", () => {
  const panels = vaultDashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
  const shown = new Set(signals.flatMap(({ expr }) => alertsAbout(expr.node, vaultAlerts).map(({ name }) => name)));
  expect(vaultAlerts.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});
