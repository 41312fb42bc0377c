import { expect, test } from "vitest";
import { alertsAbout } from "../../dashboards/alert-levels.ts";
import { proxmoxAlerts } from "./alerts.ts";
import { proxmoxDashboards } from "./dashboards.ts";

/** Alerts whose condition nobody sees as such, and what shows it. */
const SHOWN_OTHERWISE: Readonly<Record<string, string>> = {
  ProxmoxGuestRestarting: "the restarts of each guest are shown with its name",
  ProxmoxReplicationLate: "the age of each copy is shown; what is late depends on each job's schedule",
  ProxmoxStorageFullSoon: "the share in use of each storage is shown; the trend is in its course",
  ProxmoxUpdatesNeglected: "the updates that wait are shown; how long they do is in their course",
  ProxmoxZfsNeverScrubbed: "the time since the last scrub is absent for such a pool",
};

test("every alert has what it is about on a dashboard, or a reason why not", () => {
  const panels = proxmoxDashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
  const shown = new Set(signals.flatMap(({ expr }) => alertsAbout(expr.node, proxmoxAlerts).map(({ name }) => name)));
  const hidden = proxmoxAlerts.map(({ name }) => name).filter((name) => !shown.has(name));
  expect(hidden.toSorted()).toEqual(Object.keys(SHOWN_OTHERWISE).toSorted());
});
