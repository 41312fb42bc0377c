import type { AlertingConfig, AlertSource } from "../../core/alerting-config.ts";
import type { DeliveryStore, GroupChange, GroupWork, GroupWorkResult } from "../../core/delivery-store.ts";
import type { Notification, ReportedAlert } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";
import { applyNotification } from "../groups/apply-notification.ts";
import { groupsOf, type TouchedGroup } from "../groups/groups-of.ts";
import { priorityOf } from "../groups/priority-of.ts";
import { matchRoutes } from "../routing/match-routes.ts";
import { contentHash } from "./content-hash.ts";
import { GroupCommit } from "./group-commit.ts";

/** What the intake works with. */
export interface IntakeOptions {
  readonly store: Pick<DeliveryStore, "changeGroups">;
  /** The configuration in use; asked for each notification, so that a reload counts at once. */
  config(): Pick<AlertingConfig, "sources" | "route">;
  /** Hears which destinations have something to be told. */
  onAccepted(destinations: readonly string[]): void;
}

/** Turns notifications into groups, durably. */
export interface Intake {
  /**
   * Takes a notification with the body that it was read of; it is on disk when the promise resolves. Rejects with
   * `StoreUnavailable` when it could not be written: the sender is to try again.
   */
  accept(notification: Notification, body: Buffer): Promise<GroupWorkResult>;
  /** Takes nothing more, and writes what waits. */
  close(): Promise<void>;
}

/** How much of a body is kept to look into. */
const KEPT_BODY_BYTES = 64 * 1024;

/** Makes the intake. */
export function createIntake({ store, config, onAccepted }: IntakeOptions): Intake {
  const commit = new GroupCommit({ store });
  return {
    async accept(notification, body) {
      const { sources, route } = config();
      const source = sources.find(({ name }) => name === notification.source);
      const work = workOf(notification, body, source, route);
      const result = await commit.submit(work, body.length);
      if (result.destinations.length > 0) onAccepted(result.destinations);
      return result;
    },
    close: () => commit.close(),
  };
}

function workOf(notification: Notification, body: Buffer, source: AlertSource | undefined, route: Route): GroupWork {
  const isWatchdog = ({ labels }: ReportedAlert): boolean =>
    source?.watchdog?.matchers.every((matcher) => matcher.matches(labels)) ?? false;
  const watchdogs = notification.alerts.filter(isWatchdog);
  const alerts = watchdogs.length === 0 ? notification.alerts : notification.alerts.filter((one) => !isWatchdog(one));
  const isAlive = watchdogs.some(({ status }) => status === "firing");
  const isMereSignOfLife = watchdogs.length > 0 && alerts.length === 0;
  return {
    ...(!isMereSignOfLife && {
      inbound: {
        source: notification.source,
        contentHash: contentHash(notification),
        receivedAt: notification.receivedAt,
        body: body.toString("utf8", 0, KEPT_BODY_BYTES),
      },
    }),
    ...(isAlive && { heartbeats: [notification.source] }),
    changes: groupsOf({ ...notification, alerts }, (labels) => matchRoutes(route, labels)).map((group) =>
      changeOf(group, notification.receivedAt),
    ),
  };
}

/** The store calls `apply` within its transaction, perhaps more than once: it may look at nothing else. */
const changeOf = ({ report, destinations }: TouchedGroup, now: number): GroupChange => ({
  groupId: report.id,
  destinations,
  apply: (current, isCopy) => applyNotification(current, { ...report, isCopy }, now),
  priority: priorityOf,
});
