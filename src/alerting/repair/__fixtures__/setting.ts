import type { AlertGroup } from "../../../core/alert-group.ts";
import type { AlertingConfig, AlertSource } from "../../../core/alerting-config.ts";
import type { DeliveryStore } from "../../../core/delivery-store.ts";
import { days, minutes, seconds } from "../../../core/duration.ts";
import { labelMatcher } from "../../../core/label-matcher.ts";
import type { Notification, ReportedAlert, TextMap } from "../../../core/notification.ts";
import type { Destination } from "../../../core/notifier.ts";
import type { Route } from "../../../core/routing.ts";
import { applyNotification } from "../../groups/apply-notification.ts";
import { groupsOf } from "../../groups/groups-of.ts";
import { priorityOf } from "../../groups/priority-of.ts";
import { matchRoutes } from "../../routing/match-routes.ts";

/** A root that tells everything at `chat`, with the given differences. */
export const aRoute = (of: Partial<Route> = {}): Route => ({
  id: "{}",
  matchers: [],
  continue: false,
  destinations: ["chat"],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
  ...of,
});

/** A child of the root for one value of one label. */
export const aChild = (label: string, value: string, destinations: readonly string[], of: Partial<Route> = {}): Route =>
  aRoute({ id: `{}/{${label}="${value}"}`, matchers: [labelMatcher(label, "=", value)], destinations, ...of });

const aDestination = (name: string): Destination => ({
  name,
  type: "test",
  policy: { rate: { perSecond: 1, burst: 1 }, concurrency: 1, timeout: seconds(1), giveUpAfter: minutes(1) },
  open: () => Promise.reject(new Error("nothing is delivered here")),
});

/** A configuration with the source `main` and the destinations `chat` and `pager`. */
export const aConfig = (of: Partial<AlertingConfig> = {}): AlertingConfig => ({
  sources: [aSource()],
  destinations: [aDestination("chat"), aDestination("pager")],
  route: aRoute(),
  timeIntervals: [],
  storm: { newPerMinute: 1_000 },
  fallback: [],
  deadMan: undefined,
  retention: { groups: days(30), journal: days(7) },
  ...of,
});

export const aSource = (of: Partial<AlertSource> = {}): AlertSource => ({
  name: "main",
  credentials: [],
  alertmanager: undefined,
  watchdog: undefined,
  ...of,
});

/** An alert of a host as its sender reports it. */
export const fires = (host: string, labels: TextMap = {}, startsAt: number = Date.now()): ReportedAlert => ({
  fingerprint: `fingerprint-${host}`,
  status: "firing",
  labels: { alertname: "NodeDown", severity: "critical", instance: host, ...labels },
  annotations: { summary: `Node ${host} is down` },
  startsAt,
  links: {},
});

/** Takes in a notification of these alerts as intake does, and gives the group that it touched first. */
export async function report(
  store: DeliveryStore,
  { route }: AlertingConfig,
  alerts: readonly ReportedAlert[],
  of: Partial<Notification> = {},
): Promise<AlertGroup> {
  const notification: Notification = {
    kind: "alertmanager",
    source: "main",
    receiver: "watchkeeper",
    groupKey: '{}:{alertname="NodeDown"}',
    groupLabels: { alertname: "NodeDown" },
    alerts,
    truncatedAlerts: 0,
    receivedAt: Date.now(),
    ...of,
  };
  const touched = groupsOf(notification, (labels) => matchRoutes(route, labels));
  const now = await store.now();
  await store.changeGroups([
    {
      changes: touched.map(({ destinations, report }) => ({
        groupId: report.id,
        destinations,
        apply: (current) => applyNotification(current, { ...report, isCopy: false }, now),
        priority: priorityOf,
      })),
    },
  ]);
  const group = await store.group(touched[0]?.report.id ?? "");
  if (group === undefined) throw new Error("the notification made no group");
  return group;
}
