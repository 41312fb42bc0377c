import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { Notification } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";
import { groupsOf, type TouchedGroup } from "../groups/groups-of.ts";
import { matchRoutes } from "../routing/match-routes.ts";

/** The groups that the routes lead these alerts of a group into; the group itself is among them where they still do. */
export const routedGroups = (group: AlertGroup, alerts: readonly GroupAlert[], root: Route): readonly TouchedGroup[] =>
  groupsOf(notificationOf(group, alerts), (labels) => matchRoutes(root, labels));

/** Whether the routes still lead an alert into its group. */
export const isRouted = (group: AlertGroup, alert: GroupAlert, root: Route): boolean =>
  routedGroups(group, [alert], root).some(({ report }) => report.id === group.id);

/**
 * Whether the group is one of its sender's as it came. What `groupKey` a regrouped one came by is not known, so that
 * other groups of the same sender can not be worked out from it.
 */
export function isSendersOwn(group: AlertGroup): boolean {
  const plain: Route = { ...NOWHERE, id: group.route };
  return groupsOf(notificationOf(group, group.alerts.slice(0, 1)), () => [plain])[0]?.report.id === group.id;
}

const NOWHERE: Route = {
  id: "",
  matchers: [],
  continue: false,
  destinations: [],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
};

function notificationOf(group: AlertGroup, alerts: readonly GroupAlert[]): Notification {
  const { kind, source, receiver, groupKey, labels, externalUrl, updatedAt } = group;
  return {
    kind,
    source,
    receiver,
    groupKey,
    groupLabels: labels,
    ...(externalUrl !== undefined && { externalUrl }),
    alerts: alerts.map((alert) => ({
      fingerprint: alert.fingerprint,
      status: alert.state === "firing" ? "firing" : "resolved",
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: alert.startsAt,
      links: alert.links,
      ...(alert.value !== undefined && { value: alert.value }),
    })),
    truncatedAlerts: 0,
    receivedAt: updatedAt,
  };
}
