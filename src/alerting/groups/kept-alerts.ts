import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import { isRecent } from "./alert-step.ts";

const HOUR_MS = 60 * 60_000;
const MOST_CLOSED = 2_000;
/** Of alerts that were closed just now more are kept: late notifications are told by them. */
const MOST_JUST_CLOSED = 20_000;

/** What is known of a group's course when its alerts are sorted out. */
export interface Course {
  readonly wasOpen: boolean;
  readonly isOpen: boolean;
}

/**
 * The alerts that a group goes on to hold: an open one forgets what is over for an hour, one that opens again what was
 * over before, and none keeps more than 2,000 that are closed.
 */
export function keptAlerts(alerts: readonly GroupAlert[], course: Course, now: number): readonly GroupAlert[] {
  const kept = alerts.filter((alert) => isKept(alert, course, now));
  const closed = kept.filter(({ state }) => state !== "firing");
  if (closed.length <= MOST_CLOSED) return kept;
  const newest = closed.toSorted((a, b) => closedAt(b) - closedAt(a));
  const dropped = new Set(
    newest.filter(
      (alert, index) => index >= MOST_JUST_CLOSED || (index >= MOST_CLOSED && !isRecent(closedAt(alert), now)),
    ),
  );
  return kept.filter((alert) => !dropped.has(alert));
}

function isKept(alert: GroupAlert, { wasOpen, isOpen }: Course, now: number): boolean {
  if (alert.state === "firing" || isRecent(closedAt(alert), now) || !isOpen) return true;
  return wasOpen && Math.abs(now - closedAt(alert)) <= HOUR_MS;
}

/** The evidence that a group goes on to hold: none of the time before it opened again. */
export const evidenceOf = (
  group: Pick<AlertGroup, "evidence"> | undefined,
  { wasOpen, isOpen }: Course,
): Pick<AlertGroup, "evidence"> =>
  group?.evidence === undefined || (isOpen && !wasOpen) ? {} : { evidence: group.evidence };

const closedAt = (alert: GroupAlert): number => alert.closedAt ?? 0;
