import { hiddenAlerts, isOpen, STORM_ROUTE, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { AlertingConfig, AlertSource } from "../../core/alerting-config.ts";
import type { GroupChange } from "../../core/delivery-store.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";
import { applyNotification } from "../groups/apply-notification.ts";
import { closeAlerts, forgetHidden, type Verdict } from "../groups/close-alerts.ts";
import type { TouchedGroup } from "../groups/groups-of.ts";
import { priorityOf } from "../groups/priority-of.ts";
import { isSendersOwn, routedGroups } from "./routed.ts";

const REROUTED: Verdict = { state: "rerouted", because: "the routes of Watchkeeper lead this alert elsewhere now" };
const SIGN_OF_LIFE: Verdict = {
  state: "rerouted",
  because: "it is the sign of life of its source, which is not told any more",
};
const UNKNOWN_SOURCE: Verdict = {
  state: "rerouted",
  because: "the configuration of Watchkeeper no longer has this source of alerts",
};

/** What open groups are brought in line with. */
export interface RerouteContext extends Pick<AlertingConfig, "sources" | "route"> {
  /** All routes of the tree by their ids. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Destinations that have a conversation of the group. */
  readonly told: ReadonlySet<string>;
  /** The store's clock, in Unix milliseconds. */
  readonly now: number;
}

/**
 * What is to be changed of an open group so that it is as the configuration's routes have it: alerts that lead
 * elsewhere now are closed here and opened there, and new destinations of its route learn of it. Nothing of groups that
 * Watchkeeper makes by itself.
 */
export function reroute(group: AlertGroup, context: RerouteContext): readonly GroupChange[] {
  const { sources, route: root, routes } = context;
  if (group.kind === "internal" || group.route === STORM_ROUTE) return [];
  const firing = group.alerts.filter(({ state }) => state === "firing");
  const source = sources.find(({ name }) => name === group.source);
  const route = routes.get(group.route);
  const telling = firing.filter(({ labels }) => !isSignOfLife(labels, source));
  const routed = source === undefined ? [] : routedGroups(group, telling, root);
  const here = routed.find(({ report }) => report.id === group.id);
  const staying = new Set(here?.report.alerts.map(({ fingerprint }) => fingerprint));
  const leaving = firing.filter(({ fingerprint }) => !staying.has(fingerprint));
  const verdictOf = ({ labels }: GroupAlert): Verdict => {
    if (source === undefined) return UNKNOWN_SOURCE;
    return isSignOfLife(labels, source) ? SIGN_OF_LIFE : REROUTED;
  };
  const settlement = {
    verdicts: new Map(leaving.map((alert) => [alert.fingerprint, verdictOf(alert)])),
    forgets: source === undefined || route === undefined,
    destinations: source === undefined ? [] : (route?.destinations ?? []),
  };
  return [...settle(group, settlement, context), ...takeOvers(group, routed, context)];
}

/** Whether intake takes the alert for a heartbeat, and tells nobody of it. */
const isSignOfLife = (labels: TextMap, source: AlertSource | undefined): boolean =>
  source?.watchdog?.matchers.every((matcher) => matcher.matches(labels)) ?? false;

interface Settlement {
  /** What is closed here, by fingerprint. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Whether nothing that the sender left out can be in this group any more. */
  readonly forgets: boolean;
  readonly destinations: readonly string[];
}

/** A change of the group itself; none when it is as it should be, because there may be thousands of open ones. */
function settle(group: AlertGroup, settlement: Settlement, { told, now }: RerouteContext): readonly GroupChange[] {
  const { verdicts, forgets, destinations } = settlement;
  const isSettled = verdicts.size === 0 && !(forgets && hiddenAlerts(group) > 0);
  if (isSettled && destinations.every((name) => told.has(name))) return [];
  return [
    {
      groupId: group.id,
      destinations,
      apply: (current) => {
        if (current === undefined || !isOpen(current)) return current;
        const next = closeAlerts(forgets ? forgetHidden(current, now) : current, verdicts, now);
        // Only for a group that is saved does the store begin the conversations that are missing.
        return next === current ? { ...current } : next;
      },
      priority: priorityOf,
    },
  ];
}

/** Opens alerts in the other groups that the routes lead them into, unless those know of them already. */
function takeOvers(
  group: AlertGroup,
  routed: readonly TouchedGroup[],
  { routes, now }: RerouteContext,
): readonly GroupChange[] {
  const isPlain = isSendersOwn(group);
  const others = routed.filter(
    ({ report }) => report.id !== group.id && (isPlain || routes.get(report.route)?.groupBy !== undefined),
  );
  return others.map(({ destinations, report }) => ({
    groupId: report.id,
    destinations,
    apply: (current) => {
      const known = new Map(current?.alerts.map(({ fingerprint, state }) => [fingerprint, state]));
      const missing = report.alerts.filter(({ fingerprint }) => (known.get(fingerprint) ?? "rerouted") === "rerouted");
      if (missing.length === 0) return current;
      const truncated = current?.truncated[report.origin] ?? 0;
      // As a copy it says nothing of the alerts that it does not name.
      return applyNotification(current, { ...report, alerts: missing, truncated, isCopy: true }, now);
    },
    priority: priorityOf,
  }));
}
