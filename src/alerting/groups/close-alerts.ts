import { isOpen, type AlertGroup, type AlertState, type GroupAlert } from "../../core/alert-group.ts";
import { evidenceOf, keptAlerts } from "./kept-alerts.ts";

/** Why an alert that no notification closed is over. */
export interface Verdict {
  readonly state: Exclude<AlertState, "firing">;
  /** For people, such as `silenced until 14:00 UTC: disk is being replaced`. */
  readonly because: string;
}

/** Closes alerts that fire, by their fingerprints. The same object when none of them does. */
export function closeAlerts(group: AlertGroup, verdicts: ReadonlyMap<string, Verdict>, now: number): AlertGroup {
  return changed(group, now, (alert) => {
    const verdict = alert.state === "firing" ? verdicts.get(alert.fingerprint) : undefined;
    if (verdict === undefined) return alert;
    return { ...alert, state: verdict.state, closedAt: now, closedBecause: verdict.because };
  });
}

/**
 * Opens closed alerts that fire after all; `firing` has since when (Unix milliseconds), by fingerprint. The same object
 * when none of them is closed here.
 */
export function reopenAlerts(group: AlertGroup, firing: ReadonlyMap<string, number>, now: number): AlertGroup {
  return changed(group, now, (alert) => {
    const startsAt = alert.state === "firing" ? undefined : firing.get(alert.fingerprint);
    if (startsAt === undefined) return alert;
    const { endsAt: _endsAt, closedAt: _closedAt, closedBecause: _because, ...open } = alert;
    return { ...open, state: "firing", startsAt, seenAt: now };
  });
}

/**
 * Forgets alerts that were left out of notifications, once it is known that none of them fires. The same object when
 * there are none.
 */
export function forgetHidden(group: AlertGroup, now: number): AlertGroup {
  if (Object.keys(group.truncated).length === 0) return group;
  return { ...group, truncated: {}, revision: group.revision + 1, updatedAt: now };
}

function changed(group: AlertGroup, now: number, change: (alert: GroupAlert) => GroupAlert): AlertGroup {
  const alerts = group.alerts.map(change);
  if (alerts.every((alert, index) => alert === group.alerts[index])) return group;
  const course = { wasOpen: isOpen(group), isOpen: isOpen({ ...group, alerts }) };
  const { evidence: _, ...rest } = group;
  return {
    ...rest,
    alerts: keptAlerts(alerts, course, now),
    revision: group.revision + 1,
    updatedAt: now,
    ...evidenceOf(group, course),
  };
}
