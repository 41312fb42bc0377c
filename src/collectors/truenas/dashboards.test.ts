import { expect, test } from "vitest";
import { alertsAbout } from "../../dashboards/alert-levels.ts";
import { trueNasAlerts } from "./alerts.ts";
import { trueNasDashboards } from "./dashboards.ts";

test("every alert has what it is about on a dashboard", () => {
  const panels = trueNasDashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
  const shown = new Set(signals.flatMap(({ expr }) => alertsAbout(expr.node, trueNasAlerts).map(({ name }) => name)));
  expect(trueNasAlerts.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});
