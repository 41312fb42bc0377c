import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { KnownAlert } from "./alertmanager-view.ts";
import { placesIn, type JudgeContext } from "./reconcile.ts";

/** An alert that is to be opened again as long as it is as it was judged. */
export interface Reopening {
  /** Of the closed alert. */
  readonly closedAt: number;
  /** When it began, by Alertmanager; Unix milliseconds. */
  readonly startsAt: number;
}

/** What is to be opened again in one group. */
export interface ReopenJudgement {
  /** By fingerprint. */
  readonly reopenings: ReadonlyMap<string, Reopening>;
  /** Fingerprints of alerts that are to be looked at again, because it is too early to say. */
  readonly undecided: readonly string[];
}

/** Alertmanager prints the moment to the millisecond here and to the nanosecond in webhooks. */
const SAME_START_MS = 1_000;

/** What is asked of closed alerts. */
export interface ReopenQuestion {
  /** Whether an alert of this fingerprint is active in Alertmanager and fires nowhere here. */
  isWanted(fingerprint: string): boolean;
  /** Whether our routes still lead the alert into its group. */
  isRouted(alert: GroupAlert): boolean;
  readonly context: JudgeContext;
}

/**
 * Finds the closed alerts of a group that Alertmanager has active and will not tell of, because it believes that it has
 * done so already.
 */
export function judgeReopening(group: AlertGroup, { isWanted, isRouted, context }: ReopenQuestion): ReopenJudgement {
  const reopenings = new Map<string, Reopening>();
  const undecided: string[] = [];
  for (const alert of group.alerts) {
    if (alert.state === "firing" || !isWanted(alert.fingerprint)) continue;
    const known = context.view.alerts.get(alert.fingerprint);
    if (known === undefined || !placesIn(group, known, context).some(({ standing }) => standing.isActive)) continue;
    if (!isRouted(alert) || !isSameOrNewer(alert, known)) continue;
    const closedAt = alert.closedAt ?? alert.seenAt;
    if (context.now - closedAt < graceOf(alert, context)) undecided.push(alert.fingerprint);
    else reopenings.set(alert.fingerprint, { closedAt, startsAt: known.startsAt });
  }
  return { reopenings, undecided };
}

/** A resolved alert that began anew is told of by its sender; one that was kept quiet is not, whenever it began. */
function isSameOrNewer({ state, startsAt }: GroupAlert, known: KnownAlert): boolean {
  const later = known.startsAt - startsAt;
  return state === "resolved" ? Math.abs(later) < SAME_START_MS : later > -SAME_START_MS;
}

const graceOf = ({ state }: GroupAlert, { graces }: JudgeContext): number =>
  state === "resolved" ? graces.resolved : 0;
