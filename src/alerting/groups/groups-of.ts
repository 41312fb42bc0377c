import { hash } from "node:crypto";
import type { Notification, ReportedAlert, TextMap } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";
import type { GroupReport } from "./apply-notification.ts";

/** A group that a notification says something of, and where that group is told. */
export interface TouchedGroup {
  readonly destinations: readonly string[];
  readonly report: Omit<GroupReport, "isCopy">;
}

/** Reasons of Alertmanager's that do not exclude a mere repetition; before 0.32 it gives none. */
const REPETITIONS: ReadonlySet<string | undefined> = new Set([undefined, "repeat interval elapsed", "unknown", "none"]);

/**
 * The groups that a notification touches: for each route that matches one of its alerts, the sender's group, or those
 * that the route's own `groupBy` makes of it. A group whose alerts have all vanished from the notification is not
 * touched by it, because which ones there were only the store knows: comparing with Alertmanager's API closes them.
 */
export function groupsOf(
  notification: Notification,
  matchRoutes: (labels: TextMap) => readonly Route[],
): readonly TouchedGroup[] {
  const alertsByKey = new Map<string, { route: Route; labels: TextMap; groupKey: string; alerts: ReportedAlert[] }>();
  for (const alert of notification.alerts) {
    for (const route of matchRoutes(alert.labels)) {
      const { labels, groupKey } = groupingOf(route, alert.labels, notification);
      const key = `${route.id}\n${groupKey}`;
      const found = alertsByKey.get(key);
      if (found === undefined) alertsByKey.set(key, { route, labels, groupKey, alerts: [alert] });
      else found.alerts.push(alert);
    }
  }
  const shared = sharedReport(notification);
  return [...alertsByKey.values()].map(({ route, labels, groupKey, alerts }) => ({
    destinations: route.destinations,
    report: {
      ...shared,
      id: groupId(notification, route, groupKey),
      route: route.id,
      groupKey,
      labels,
      alerts,
    },
  }));
}

function groupingOf({ id, groupBy }: Route, labels: TextMap, { groupKey, groupLabels }: Notification) {
  if (groupBy === undefined) return { labels: groupLabels, groupKey };
  const present = groupBy.filter((name) => Object.hasOwn(labels, name)).toSorted();
  const own = Object.fromEntries(present.map((name) => [name, labels[name] ?? ""]));
  return { labels: own, groupKey: `${id}:${printLabels(own)}` };
}

/** As Alertmanager prints a set of labels. */
const printLabels = (labels: TextMap): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;

function sharedReport(notification: Notification) {
  const { kind, source, receiver, groupKey, externalUrl, truncatedAlerts, reason, traceparent } = notification;
  return {
    kind,
    source,
    receiver,
    ...(externalUrl !== undefined && { externalUrl }),
    origin: hash("sha256", JSON.stringify([source, receiver, groupKey]), "hex").slice(0, 16),
    truncated: truncatedAlerts,
    // the payload's own status is that of the alerts that are left in it, this is that of all
    isAllResolved: reason === "all alerts resolved" && notification.alerts.every(({ status }) => status === "resolved"),
    mayBeRepetition: REPETITIONS.has(reason),
    ...(traceparent !== undefined && { traceparent }),
  };
}

const groupId = ({ source, receiver }: Notification, { id, groupBy }: Route, groupKey: string): string =>
  hash("sha256", JSON.stringify([source, receiver, id, groupBy === undefined ? "sender" : "route", groupKey]), "hex");
