import { isOpen, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { NotificationKind, ReportedAlert, TextMap } from "../../core/notification.ts";
import { isRecent, stepAlert } from "./alert-step.ts";
import { evidenceOf, keptAlerts } from "./kept-alerts.ts";

/** What one notification says of one group. */
export interface GroupReport {
  readonly id: string;
  readonly kind: NotificationKind;
  readonly source: string;
  readonly route: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly labels: TextMap;
  readonly externalUrl?: string;
  /** Hash of the sender's group. */
  readonly origin: string;
  /** Alerts of the notification that belong to this group. */
  readonly alerts: readonly ReportedAlert[];
  /** Alerts that the sender left out of the notification. */
  readonly truncated: number;
  /** The sender says that no alert of its group fires any more, those that it left out included. */
  readonly isAllResolved: boolean;
  /** Whether it may have been sent for no other reason than that time has passed. */
  readonly mayBeRepetition: boolean;
  /** The same notification arrived less than two minutes ago, as it does from Alertmanager's replicas. */
  readonly isCopy: boolean;
  readonly traceparent?: string;
}

/** An alert that was named later than this may be missing from a notification because that one is older. */
const SEEN_LATELY_MS = 60_000;
const MOST_OPEN = 20_000;

/**
 * The group after a notification; the same object when that brings nothing new, and undefined when there is neither a
 * group nor an alert. A notification that is late, or that left alerts out, closes nothing that it does not name. One
 * of resolved alerts alone makes a closed group, of which nobody is told, so that a late one that still fires opens
 * none.
 */
export function applyNotification(
  current: AlertGroup | undefined,
  report: GroupReport,
  now: number,
): AlertGroup | undefined {
  if (current === undefined && report.alerts.length === 0) return undefined;
  const reported = takeReports(current, report, now);
  if (!reported.isLate && !report.isCopy) closeMissing(reported.alerts, report, now);
  const truncated = reported.isLate ? (current?.truncated ?? {}) : truncatedAfter(current, report, reported.leftOut);
  const next = { alerts: [...reported.alerts.values()], truncated };
  if (current === undefined) return grown(undefined, report, next, now);
  if (!isSameState(current, next)) return grown(current, report, next, now);
  if (reported.isLate || report.isCopy) return current;
  if (isRepetition(current, report, now)) return { ...grown(current, report, next, now), remindedAt: now };
  return isSameText(current.alerts, next.alerts) ? current : grown(current, report, next, now);
}

interface Reported {
  readonly alerts: Map<string, GroupAlert>;
  readonly isLate: boolean;
  /** Alerts above the number that a group can hold. */
  readonly leftOut: number;
}

function takeReports(current: AlertGroup | undefined, report: GroupReport, now: number): Reported {
  const alerts = new Map((current?.alerts ?? []).map((alert) => [alert.fingerprint, alert]));
  let isLate = false;
  let leftOut = 0;
  for (const reported of report.alerts) {
    const known = alerts.get(reported.fingerprint);
    const step = stepAlert(known, reported, { origin: report.origin, now });
    if (step === "late") isLate = true;
    else if (known === undefined && alerts.size >= MOST_OPEN && reported.status === "firing") leftOut++;
    else alerts.set(reported.fingerprint, step);
  }
  return { alerts, isLate, leftOut };
}

/** Closes what the notification, which holds the sender's whole group, does not name although it fired in it before. */
function closeMissing(alerts: Map<string, GroupAlert>, report: GroupReport, now: number): void {
  if (report.truncated > 0 && !report.isAllResolved) return;
  const named = new Set(report.alerts.map(({ fingerprint }) => fingerprint));
  for (const alert of alerts.values()) {
    const isMissing = alert.state === "firing" && alert.origin === report.origin && !named.has(alert.fingerprint);
    if (!isMissing || Math.abs(now - alert.seenAt) < SEEN_LATELY_MS) continue;
    alerts.set(alert.fingerprint, {
      ...alert,
      state: report.isAllResolved ? "resolved" : "gone",
      closedAt: now,
      closedBecause: report.isAllResolved
        ? `${senderOf(report)} says that all alerts of its group are resolved`
        : `${senderOf(report)} no longer reports it with its group: silenced, inhibited or routed elsewhere`,
    });
  }
}

const SENDERS = { alertmanager: "Alertmanager", grafana: "Grafana", internal: "Watchkeeper" } as const;

const senderOf = ({ kind }: GroupReport): string => SENDERS[kind];

function truncatedAfter(
  current: AlertGroup | undefined,
  { origin, truncated, isAllResolved }: GroupReport,
  leftOut: number,
): AlertGroup["truncated"] {
  const { [origin]: _, ...others } = current?.truncated ?? {};
  const count = isAllResolved ? 0 : truncated + leftOut;
  return count === 0 ? others : { ...others, [origin]: count };
}

type Content = Pick<AlertGroup, "alerts" | "truncated">;

function grown(current: AlertGroup | undefined, report: GroupReport, { alerts, truncated }: Content, now: number) {
  const { id, kind, source, route, receiver, groupKey, labels, traceparent } = report;
  const course = { wasOpen: current !== undefined && isOpen(current), isOpen: isOpen({ alerts, truncated }) };
  const externalUrl = report.externalUrl ?? current?.externalUrl;
  const remindedAt = current?.remindedAt;
  return {
    id,
    kind,
    source,
    route,
    receiver,
    groupKey,
    labels,
    ...(externalUrl !== undefined && { externalUrl }),
    alerts: keptAlerts(alerts, course, now),
    truncated,
    revision: (current?.revision ?? 0) + 1,
    createdAt: current?.createdAt ?? now,
    updatedAt: now,
    ...(remindedAt !== undefined && { remindedAt }),
    ...evidenceOf(current, course),
    ...(traceparent !== undefined && { traceparent }),
  } satisfies AlertGroup;
}

function isSameState(current: Content, next: Content): boolean {
  if (current.alerts.length !== next.alerts.length) return false;
  const origins = Object.keys({ ...current.truncated, ...next.truncated });
  if (origins.some((origin) => current.truncated[origin] !== next.truncated[origin])) return false;
  return current.alerts.every((known, index) => {
    const alert = next.alerts[index];
    return alert?.state === known.state && alert.startsAt === known.startsAt;
  });
}

/** What a reader sees of the texts; addresses and measured values alone differ between replicas and are no news. */
const isSameText = (current: readonly GroupAlert[], next: readonly GroupAlert[]): boolean =>
  current.every((known, index) => {
    const alert = next[index];
    return (
      ["summary", "description"].every((name) => known.annotations[name] === alert?.annotations[name]) &&
      ["severity", "priority"].every((name) => known.labels[name] === alert?.labels[name])
    );
  });

/** Whether the sender repeats itself; what follows a change at once comes of another part of the sender's group. */
function isRepetition(current: AlertGroup, { mayBeRepetition, alerts }: GroupReport, now: number): boolean {
  const isFresh = isRecent(current.updatedAt, now) || isRecent(current.remindedAt ?? 0, now);
  return mayBeRepetition && !isFresh && alerts.some(({ status }) => status === "firing");
}
