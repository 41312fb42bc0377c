import type { ReportedAlert } from "../../../core/notification.ts";
import type { AlertGroup } from "../../../core/alert-group.ts";
import { applyNotification, type GroupReport } from "../apply-notification.ts";

/** 12:00 UTC of some day. */
export const NOON = Date.UTC(2026, 0, 31, 12);
export const SECOND = 1_000;
export const MINUTE = 60_000;

export const alert = (fingerprint: string, over: Partial<ReportedAlert> = {}): ReportedAlert => ({
  fingerprint,
  status: "firing",
  labels: { alertname: "NodeDown", instance: fingerprint, severity: "critical" },
  annotations: { summary: `${fingerprint} is down` },
  startsAt: NOON - MINUTE,
  links: {},
  ...over,
});

export const over = (fingerprint: string, startsAt = NOON - MINUTE, endsAt = NOON): ReportedAlert =>
  alert(fingerprint, { status: "resolved", startsAt, endsAt });

export const report = (alerts: readonly ReportedAlert[], of: Partial<GroupReport> = {}): GroupReport => ({
  id: "a".repeat(64),
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "watchkeeper",
  groupKey: '{}:{alertname="NodeDown"}',
  labels: { alertname: "NodeDown" },
  origin: "0123456789abcdef",
  alerts,
  truncated: 0,
  isAllResolved: false,
  mayBeRepetition: true,
  isCopy: false,
  ...of,
});

/** The group after reports, each at its time. */
export function after(...steps: readonly (readonly [at: number, GroupReport])[]): AlertGroup {
  let group: AlertGroup | undefined;
  for (const [at, step] of steps) group = applyNotification(group, step, at);
  if (group === undefined) throw new Error("there is no group");
  return group;
}

export const states = (group: AlertGroup) =>
  Object.fromEntries(group.alerts.map(({ fingerprint, state }) => [fingerprint, state]));
