import type { BundleQuestion, Scope } from "../../core/evidence.ts";
import type { Change, ChangeKind } from "../../core/telemetry.ts";
import { toItem, type Finding } from "./finding.ts";
import { isAbout } from "./about.ts";
import { span } from "../../lib/words.ts";

/**
 * How likely such a change is to be a cause, from 0 to 1: restarts and other alerts are signs themselves more often.
 */
const OF_KIND: Readonly<Record<ChangeKind, number>> = {
  deploy: 1,
  config: 0.9,
  certificate: 0.85,
  migration: 0.85,
  other: 0.6,
  restart: 0.6,
  alert: 0.5,
};
/** By how far away its thing is, in steps of the scope. */
const OF_DISTANCE = [1, 0.75, 0.5] as const;
const ELSEWHERE = 0.2;
/** So long before the beginning a change counts for half. */
const HALF_MS = 30 * 60_000;
/** What came after the beginning is no cause, but may say what was done about it. */
const AFTER = 0.3;
export const LEAST_SCORE = 0.35;

/** Weighs changes by their nearness in time before the beginning, and in the scope. */
export function rankChanges(changes: readonly Change[], question: BundleQuestion): Finding[] {
  return changes.map((change) => toFinding(change, question));
}

function toFinding(change: Change, { alert, window, scope }: BundleQuestion): Finding {
  // without an alert nobody knows when it began: all of the window may be before
  const beginning = alert?.startsAt ?? window.to;
  const lead = beginning - change.at;
  const inTime = lead < 0 ? AFTER : 1 / (1 + lead / HALF_MS);
  const distance = distanceOf(change, scope);
  const inScope = distance === undefined ? ELSEWHERE : (OF_DISTANCE[distance] ?? ELSEWHERE);
  const score = inTime * inScope * OF_KIND[change.kind];
  const when =
    alert === undefined
      ? ""
      : lead < 0
        ? `, ${span(-lead)} after the alert began`
        : `, ${span(lead)} before the alert began`;
  const item = toItem({
    signal: "changes",
    identity: [change.kind, String(change.at), change.title, change.source],
    title: `${change.title}${when}`,
    score,
    isSignificant: score >= LEAST_SCORE && distance !== undefined && lead >= 0,
    numbers: { statistic: "proximity", value: score },
    detail: { kind: "change", change },
  });
  return { item, role: "context" };
}

/** Of the nearest thing that one of its labels names. */
function distanceOf({ labels }: Change, { entities }: Scope): number | undefined {
  const distances = entities.filter((entity) => isAbout(labels, entity)).map(({ distance }) => distance);
  return distances.length === 0 ? undefined : Math.min(...distances);
}
