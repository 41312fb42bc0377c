import { isOpen, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { Told } from "../../core/conversation.ts";
import { best } from "./best.ts";

/** How many alerts of a message are remembered. */
const MOST_TOLD = 1_000;

const keyOf = ({ fingerprint, startsAt }: GroupAlert): string => `${fingerprint}@${startsAt}`;
const byFingerprint = (a: GroupAlert, b: GroupAlert): number => (a.fingerprint < b.fingerprint ? -1 : 1);

/**
 * What is remembered of a message that a destination took at `now`. Of more than 1,000 firing alerts it is those with
 * the first fingerprints by their text, so that of every alert up to the last of them it is known whether it was told.
 */
export function toldOf(group: AlertGroup, now: number): Told {
  const firing = group.alerts.filter(({ state }) => state === "firing");
  return {
    revision: group.revision,
    status: isOpen(group) ? "firing" : "resolved",
    at: now,
    firing: best(firing, MOST_TOLD, byFingerprint).map(keyOf),
    ...(group.evidence !== undefined && { evidence: group.evidence.bundleId }),
  };
}

/** What became of a group's alerts since something was told. */
export interface Changes {
  /** They fire and did not; one that ended and fires again is among them. */
  readonly firing: readonly GroupAlert[];
  readonly closed: readonly GroupAlert[];
  /** Alerts that were told as firing and of which the group knows nothing any more. */
  readonly forgotten: number;
}

/** Whether a group has evidence that was not told, and that tells something. */
export const isNewEvidence = (told: Told, { evidence }: Pick<AlertGroup, "evidence">): boolean =>
  evidence !== undefined && evidence.foundNothing !== true && evidence.bundleId !== told.evidence;

/** Compares a group's alerts with what was told of them. */
export function changesSince(told: Told, alerts: readonly GroupAlert[]): Changes {
  const starts = new Map(told.firing.map(splitKey));
  const last = told.firing.length < MOST_TOLD ? undefined : splitKey(told.firing.at(-1) ?? "")[0];
  // of an alert that may not have fitted into what is remembered, its own times decide
  const mayBeTold = ({ fingerprint, startsAt }: GroupAlert): boolean =>
    last !== undefined && fingerprint > last && startsAt <= told.at;
  const firing: GroupAlert[] = [];
  const closed: GroupAlert[] = [];
  let found = 0;
  for (const alert of alerts) {
    const toldStart = starts.get(alert.fingerprint);
    if (toldStart !== undefined) found++;
    if (alert.state === "firing") {
      if (toldStart !== alert.startsAt && !mayBeTold(alert)) firing.push(alert);
    } else if (toldStart !== undefined || (mayBeTold(alert) && (alert.closedAt ?? 0) > told.at)) {
      closed.push(alert);
    }
  }
  return { firing, closed, forgotten: Math.max(0, starts.size - found) };
}

function splitKey(key: string): [fingerprint: string, startsAt: number] {
  const at = key.lastIndexOf("@");
  return [key.slice(0, at), Number(key.slice(at + 1))];
}
