import { pagedGroups } from "../../alerting/repair/paged-groups.ts";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { RequestFault } from "./request-fault.ts";

/** An alert with its group. */
export interface FoundAlert {
  readonly group: AlertGroup;
  readonly alert: GroupAlert;
}

/**
 * The alert of a fingerprint, or of the unambiguous beginning of one; of several groups that hold it the one that is
 * open, else the newest. Undefined when there is none. Rejects with `RequestFault` when several fingerprints begin so,
 * and with `StoreUnavailable`.
 */
export async function findAlert(
  store: Pick<DeliveryStore, "groups">,
  fingerprint: string,
): Promise<FoundAlert | undefined> {
  const found: FoundAlert[] = [];
  for await (const page of pagedGroups(store, { openOnly: false }))
    for (const group of page)
      for (const alert of group.alerts) if (alert.fingerprint.startsWith(fingerprint)) found.push({ group, alert });
  const exact = found.filter(({ alert }) => alert.fingerprint === fingerprint);
  const meant = exact.length > 0 ? exact : found;
  const several = new Map(meant.map(({ alert }) => [alert.fingerprint, alert]));
  if (several.size > 1) throw new RequestFault(severalText(fingerprint, [...several.values()].toSorted(byFingerprint)));
  return meant.toSorted(byInterest)[0];
}

const byFingerprint = (a: GroupAlert, b: GroupAlert): number => (a.fingerprint < b.fingerprint ? -1 : 1);

const MOST_NAMED = 5;

function severalText(fingerprint: string, alerts: readonly GroupAlert[]): string {
  const named = alerts
    .slice(0, MOST_NAMED)
    .map((one) => `${one.fingerprint} (${one.labels["alertname"] ?? "no name"})`);
  const rest = alerts.length > MOST_NAMED ? `, and ${alerts.length - MOST_NAMED} more` : "";
  return `${alerts.length} alerts begin with ${fingerprint}: ${named.join(", ")}${rest}; write more of the one that you mean`;
}

/** The alert that a group is about: the one that fires, and of several the first that began. */
export const subjectOf = (group: AlertGroup): GroupAlert | undefined =>
  group.alerts.toSorted(
    (a, b) => Number(b.state === "firing") - Number(a.state === "firing") || a.startsAt - b.startsAt,
  )[0];

const byInterest = (a: FoundAlert, b: FoundAlert): number =>
  Number(b.alert.state === "firing") - Number(a.alert.state === "firing") || b.alert.startsAt - a.alert.startsAt;
