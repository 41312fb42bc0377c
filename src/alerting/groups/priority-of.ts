import type { AlertGroup } from "../../core/alert-group.ts";
import { MESSAGE_SEVERITIES } from "../../core/message.ts";
import { severityOf } from "../../core/severity.ts";

/** Which alerts nothing is known of. */
const UNKNOWN = 1;

/**
 * How urgent a group is, from 0 (critical) to 3 (info): as its worst alert that fires, or of a closed group the worst
 * of all. A group of which no alert is known counts as an error.
 */
export function priorityOf({ alerts }: Pick<AlertGroup, "alerts">): number {
  const firing = alerts.filter(({ state }) => state === "firing");
  let worst = Number.POSITIVE_INFINITY;
  for (const { labels } of firing.length > 0 ? firing : alerts)
    worst = Math.min(worst, MESSAGE_SEVERITIES.indexOf(severityOf(labels)));
  return Number.isFinite(worst) ? worst : UNKNOWN;
}
