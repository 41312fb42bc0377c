import { expect, test } from "vitest";
import { alertsAbout } from "../../dashboards/alert-levels.ts";
import { proxmoxBackupAlerts } from "./alerts.ts";
import { proxmoxBackupDashboards } from "./dashboards.ts";

test("every alert has what it is about on a dashboard", () => {
  const panels = proxmoxBackupDashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
  const shown = new Set(
    signals.flatMap(({ expr }) => alertsAbout(expr.node, proxmoxBackupAlerts).map(({ name }) => name)),
  );
  const hidden = proxmoxBackupAlerts.map(({ name }) => name).filter((name) => !shown.has(name));
  expect(hidden).toEqual([]);
});
