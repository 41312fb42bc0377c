import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import { movedToTwin } from "./closing-words.ts";
import { placesIn, type AlertClosing, type JudgeContext, type Judgement } from "./reconcile.ts";

/** Open groups with equal keys can be told apart by Alertmanager's own key of the group only. */
export const twinKey = ({ source, route, receiver, labels }: AlertGroup): string =>
  JSON.stringify([source, route, receiver, Object.entries(labels).toSorted()]);

/**
 * Compares open groups of one {@link twinKey}. When a route's matchers are changed in Alertmanager, its groups get new
 * keys: the former ones stay open here and are never told of again. Where more of our groups hold an alert than
 * Alertmanager has groups for it, those that were told of it the longest ago are such. Gives what is to be done by
 * group id.
 */
export function judgeTwins(groups: readonly AlertGroup[], context: JudgeContext): ReadonlyMap<string, Judgement> {
  const firing = groups.map((group) => ({
    group,
    alerts: new Map(group.alerts.filter(({ state }) => state === "firing").map((alert) => [alert.fingerprint, alert])),
  }));
  return new Map(firing.map((one) => [one.group.id, judgeTwin(one, firing, context)]));
}

interface FiringGroup {
  readonly group: AlertGroup;
  readonly alerts: ReadonlyMap<string, GroupAlert>;
}

function judgeTwin({ group, alerts }: FiringGroup, all: readonly FiringGroup[], context: JudgeContext): Judgement {
  const closings = new Map<string, AlertClosing>();
  const suspicions: string[] = [];
  for (const [fingerprint, { startsAt, seenAt }] of alerts) {
    const newer = all.filter((other) => (other.alerts.get(fingerprint)?.seenAt ?? 0) > seenAt).length;
    const inAlertmanager = groupsOf(group, fingerprint, context);
    if (inAlertmanager === 0 || newer < inAlertmanager) continue;
    const suspicion = `${group.id} ${fingerprint} ${startsAt} ${seenAt} twin`;
    if (context.suspectedFor(suspicion) === undefined) suspicions.push(suspicion);
    else closings.set(fingerprint, { ...movedToTwin, startsAt, seenAt });
  }
  return { closings, clearsHidden: false, suspicions };
}

function groupsOf(group: AlertGroup, fingerprint: string, context: JudgeContext): number {
  const known = context.view.alerts.get(fingerprint);
  if (known === undefined) return 0;
  return placesIn(group, known, context).reduce((sum, place) => sum + place.groups, 0);
}
