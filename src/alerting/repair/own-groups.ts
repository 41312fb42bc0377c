import { createHash } from "node:crypto";
import { isOpen, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { GroupChange } from "../../core/delivery-store.ts";
import type { TextMap } from "../../core/notification.ts";
import { priorityOf } from "../groups/priority-of.ts";
import { matchRoutes } from "../routing/match-routes.ts";
import type { OwnCondition } from "./own-conditions.ts";
import { sameTexts } from "./texts.ts";

/** Source of the groups that Watchkeeper makes by itself. */
export const OWN_SOURCE = "watchkeeper";

/** What an own alert's group is made with. */
export interface OwnGroupContext {
  readonly config: AlertingConfig;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  /** The store's clock, in Unix milliseconds. */
  readonly now: number;
  /** The routes may have changed: destinations that do not know of it yet are to learn of it. */
  readonly isFirst: boolean;
}

/** Id of the group of a condition, which has one alert: the same in every replica. */
export const ownGroupId = (condition: OwnCondition): string => sha256(groupKeyOf(condition));

/** Brings the group of a condition to firing; it stays the same object when it says all that already. */
export function raise(condition: OwnCondition, context: OwnGroupContext): GroupChange {
  const labels = labelsOf(condition);
  const { route, destinations } = routeOf(condition, labels, context.config);
  return {
    groupId: ownGroupId(condition),
    destinations,
    apply: (current) => raised(current, { condition, labels, route, context }),
    priority: priorityOf,
  };
}

/** Ends what fires in a group of Watchkeeper's own. */
export function end(group: AlertGroup, { now }: OwnGroupContext): GroupChange {
  return {
    groupId: group.id,
    destinations: [],
    apply: (current) => (current === undefined || !isOpen(current) ? current : ended(current, now)),
    priority: priorityOf,
  };
}

interface Raised {
  readonly condition: OwnCondition;
  readonly labels: TextMap;
  readonly route: string;
  readonly context: OwnGroupContext;
}

function raised(current: AlertGroup | undefined, { condition, labels, route, context }: Raised): AlertGroup {
  const { externalUrl, now, isFirst } = context;
  const former = current?.alerts.find(({ state }) => state === "firing");
  const annotations = { ...condition.annotations, runbook_url: `${externalUrl}/runbooks/${condition.name}` };
  const isSame = former !== undefined && sameTexts(former.labels, labels) && sameTexts(former.annotations, annotations);
  // Only for a group that is saved does the store begin the conversations that are missing.
  if (current !== undefined && isSame && current.route === route) return isFirst ? { ...current } : current;
  const alert: GroupAlert = {
    fingerprint: ownGroupId(condition).slice(0, 16),
    state: "firing",
    labels,
    annotations,
    startsAt: former?.startsAt ?? now,
    links: { runbook: annotations.runbook_url },
    origin: OWN_SOURCE,
    seenAt: now,
  };
  const { label, name } = condition.subject;
  return {
    id: ownGroupId(condition),
    kind: "internal",
    source: OWN_SOURCE,
    route,
    receiver: "",
    groupKey: groupKeyOf(condition),
    labels: { alertname: condition.name, [label]: name },
    externalUrl,
    alerts: [alert],
    truncated: {},
    revision: (current?.revision ?? 0) + (isSame ? 0 : 1),
    createdAt: current?.createdAt ?? now,
    updatedAt: now,
    ...(former !== undefined && current?.evidence !== undefined && { evidence: current.evidence }),
  };
}

const ended = (current: AlertGroup, now: number): AlertGroup => ({
  ...current,
  alerts: current.alerts.map((alert) =>
    alert.state === "firing" ? { ...alert, state: "resolved", endsAt: now, closedAt: now } : alert,
  ),
  revision: current.revision + 1,
  updatedAt: now,
});

const labelsOf = ({ name, severity, labels }: OwnCondition): TextMap => ({
  alertname: name,
  severity,
  service: OWN_SOURCE,
  ...labels,
});

/**
 * Where an own alert is told: where its labels lead, and at the fallback. The destination that it is about can not tell
 * of its own failure, so it is left out as long as there is another.
 */
function routeOf(
  { subject }: OwnCondition,
  labels: TextMap,
  { route, fallback }: AlertingConfig,
): { route: string; destinations: readonly string[] } {
  const routes = matchRoutes(route, labels);
  const all = [...new Set([...routes.flatMap(({ destinations }) => destinations), ...fallback])];
  const others = subject.label === "destination" ? all.filter((name) => name !== subject.name) : all;
  return { route: routes[0]?.id ?? route.id, destinations: others.length > 0 ? others : all };
}

const groupKeyOf = ({ name, subject }: OwnCondition): string => `${OWN_SOURCE}/${name}/${subject.name}`;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
