import { beganBy } from "../../alerting/evidence/subject.ts";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { BundleQuestion, Scope } from "../../core/evidence.ts";
import type { TimeWindow } from "../../core/telemetry.ts";

/** The times that are compared. */
export interface Windows {
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
}

/** Whole seconds, so that what is asked again is the same. */
const whole = (at: number): number => Math.floor(at / 1_000) * 1_000;

/** An alert of a group as it began by our clock, which is never later than `now`: its sender's may be ahead. */
export const asBegun = <A extends Pick<GroupAlert, "startsAt">>(
  group: Pick<AlertGroup, "updatedAt">,
  alert: A,
  now: number,
): A => ({ ...alert, startsAt: Math.min(beganBy(group, alert), now) });

/**
 * The window of an alert: from some time before it began, since a rule fires late, until some time after, or now, or
 * its end when that is later than half of that time. Unix milliseconds.
 */
export function windowsOf(
  { startsAt, endsAt }: Pick<GroupAlert, "startsAt" | "endsAt">,
  { before, after, baseline }: Pick<EvidenceConfig, "before" | "after" | "baseline">,
  now: number,
): Windows {
  const end = Math.min(now, startsAt + after, endsAt === undefined ? now : Math.max(endsAt, startsAt + after / 2));
  return windowsFor({ from: startsAt - before, to: end }, baseline);
}

/** A window that was named, with the time before it. At least a minute long. */
export function windowsFor({ from, to }: TimeWindow, baseline: number): Windows {
  const begin = whole(from);
  const window = { from: begin, to: Math.max(whole(to), begin + 60_000) };
  return { window, baseline: { from: begin - whole(baseline), to: begin } };
}

/** What is asked about an alert, or about what a scope names. */
export function questionOf(
  scope: Scope,
  windows: Windows,
  { limits }: Pick<EvidenceConfig, "limits">,
  about?: { readonly groupId: string; readonly alert: GroupAlert; readonly begun: Pick<GroupAlert, "startsAt"> },
): BundleQuestion {
  return {
    ...(about !== undefined && {
      alert: {
        groupId: about.groupId,
        fingerprint: about.alert.fingerprint,
        name: about.alert.labels["alertname"] ?? about.alert.fingerprint,
        labels: about.alert.labels,
        startsAt: about.begun.startsAt,
        ...(about.begun.startsAt !== about.alert.startsAt && { saidToStartAt: about.alert.startsAt }),
      },
    }),
    scope,
    ...windows,
    limits,
    seed: 1,
  };
}
