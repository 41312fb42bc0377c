import { STORM_ROUTE, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import { hours } from "../../core/duration.ts";
import { MESSAGE_SEVERITIES } from "../../core/message.ts";
import { severityOf } from "../../core/severity.ts";

/** What began longer ago is past explaining by a message that is edited: whoever asks gets it on the page. */
const MOST_AGE_MS = hours(2);

/** The alert of a group that its evidence is about, and when it began by the store's clock, in Unix milliseconds. */
export interface EvidenceSubject {
  readonly alert: GroupAlert;
  readonly beganAt: number;
}

/**
 * When an alert began by the store's clock, in Unix milliseconds: its sender's may be ahead, but told of it when it had
 * begun.
 */
export const beganBy = (
  { updatedAt }: Pick<AlertGroup, "updatedAt">,
  { startsAt }: Pick<GroupAlert, "startsAt">,
): number => Math.min(startsAt, updatedAt);

/**
 * The worst of what fires, and of these the first that began: what broke first is nearest to the cause. Undefined for a
 * storm, for Watchkeeper's own alerts, and when all began more than two hours ago.
 */
export function evidenceSubject(group: AlertGroup, now: number): EvidenceSubject | undefined {
  if (group.route === STORM_ROUTE || group.kind === "internal") return undefined;
  let first: Ranked | undefined;
  for (const alert of group.alerts) {
    const beganAt = beganBy(group, alert);
    if (alert.state !== "firing" || now - beganAt >= MOST_AGE_MS) continue;
    const ranked = { alert, beganAt, rank: MESSAGE_SEVERITIES.indexOf(severityOf(alert.labels)) };
    if (first === undefined || isBefore(ranked, first)) first = ranked;
  }
  return first;
}

interface Ranked extends EvidenceSubject {
  /** Place in `MESSAGE_SEVERITIES`: 0 is the worst. */
  readonly rank: number;
}

/** The fingerprint makes it the same every time. */
function isBefore(a: Ranked, b: Ranked): boolean {
  const order = a.rank - b.rank || a.beganAt - b.beganAt;
  return order === 0 ? a.alert.fingerprint < b.alert.fingerprint : order < 0;
}
