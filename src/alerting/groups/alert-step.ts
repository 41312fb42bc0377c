import type { GroupAlert } from "../../core/alert-group.ts";
import type { ReportedAlert } from "../../core/notification.ts";

/**
 * How late a notification may be: another replica of Alertmanager may still send what this one has gone past. The
 * window is short on purpose, because a firing alert that is taken for a late one is not told: Alertmanager repeats it
 * hours later, while one that is opened by mistake is soon closed again.
 */
export const LATE_MS = 2 * 60_000;

/** What becomes of an alert by a report of it; `late` when the report is older than what is known. */
export type AlertStep = GroupAlert | "late";

/** The notification that a report stands in. */
export interface ReportContext {
  /** Hash of the sender's group. */
  readonly origin: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * The next state of an alert. Reports are ordered by when the alert began and ended, not by when they arrive. Two
 * replicas may differ in the beginning of the same alert by some seconds, so what overlaps counts as the same.
 */
export function stepAlert(known: GroupAlert | undefined, reported: ReportedAlert, context: ReportContext): AlertStep {
  const isFiring = reported.status === "firing";
  if (known === undefined) return isFiring ? fired(reported, context) : resolved(reported, context);
  if (known.state === "firing")
    return isFiring ? stillFiring(known, reported, context) : ended(known, reported, context);
  return isFiring ? firingAgain(known, reported, context) : stillOver(known, reported, context);
}

function stillFiring(known: GroupAlert, reported: ReportedAlert, context: ReportContext): AlertStep {
  if (reported.startsAt >= known.startsAt) return fired(reported, context);
  // Alertmanager moves the beginning back when a second Prometheus saw it earlier: that is no other alert
  return isRecent(known.startsAt, context.now) ? "late" : { ...known, seenAt: context.now };
}

function ended(known: GroupAlert, reported: ReportedAlert, context: ReportContext): AlertStep {
  if (reported.startsAt >= known.startsAt) return resolved(reported, context);
  if ((reported.endsAt ?? 0) <= known.startsAt) return "late";
  return resolved({ ...reported, startsAt: known.startsAt }, context);
}

function firingAgain(known: GroupAlert, reported: ReportedAlert, context: ReportContext): AlertStep {
  if (reported.startsAt > (known.endsAt ?? known.startsAt)) return fired(reported, context);
  // what was closed here for another reason, such as a silence, fires as far as its sender is concerned
  const isTold = known.state === "resolved" || reported.startsAt < known.startsAt;
  return isTold && isRecent(known.closedAt ?? 0, context.now) ? "late" : fired(reported, context);
}

function stillOver(known: GroupAlert, reported: ReportedAlert, context: ReportContext): AlertStep {
  if (reported.startsAt < known.startsAt) return "late";
  const isKnown = known.state === "resolved" && reported.startsAt === known.startsAt;
  return isKnown ? known : resolved(reported, context);
}

/** Whether a moment is less than {@link LATE_MS} away; in the future too, because a clock may have been set back. */
export const isRecent = (moment: number, now: number): boolean => Math.abs(now - moment) < LATE_MS;

function fired(reported: ReportedAlert, { origin, now }: ReportContext): GroupAlert {
  const { fingerprint, labels, annotations, startsAt, links, value } = reported;
  return {
    fingerprint,
    state: "firing",
    labels,
    annotations,
    startsAt,
    links,
    ...(value !== undefined && { value }),
    origin,
    seenAt: now,
  };
}

function resolved(reported: ReportedAlert, context: ReportContext): GroupAlert {
  const { endsAt } = reported;
  return {
    ...fired(reported, context),
    state: "resolved",
    closedAt: context.now,
    ...(endsAt !== undefined && { endsAt }),
  };
}
