import type { AlertGroup, GroupAlert } from "../../../core/alert-group.ts";

/** 2026-03-01 12:00 UTC. */
export const NOON = Date.UTC(2026, 2, 1, 12);
export const MINUTE = 60_000;

/** An alert that fires since noon. */
export const anAlert = (fingerprint: string, of: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint,
  state: "firing",
  labels: { alertname: "NodeDown", severity: "warning" },
  annotations: {},
  startsAt: NOON,
  links: {},
  origin: "o",
  seenAt: NOON,
  ...of,
});

/** A group of one alert that came at noon. */
export const aGroup = (id: string, of: Partial<AlertGroup> = {}): AlertGroup => ({
  id,
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "watchkeeper",
  groupKey: id,
  labels: {},
  alerts: [anAlert("1")],
  truncated: {},
  revision: 1,
  createdAt: NOON,
  updatedAt: NOON,
  ...of,
});
