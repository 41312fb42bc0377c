import { expect, test } from "vitest";
import { alertsAbout } from "../../dashboards/alert-levels.ts";
import { certificateAlerts } from "./alerts.ts";
import { certificateDashboards } from "./dashboards.ts";

test("every alert has what it is about on a dashboard", () => {
  const panels = certificateDashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
  const shown = new Set(
    signals.flatMap(({ expr }) => alertsAbout(expr.node, certificateAlerts).map(({ name }) => name)),
  );
  expect(certificateAlerts.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});
