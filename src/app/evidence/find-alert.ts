import { pagedGroups } from "../../alerting/repair/paged-groups.ts";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";

/** An alert with its group. */
export interface FoundAlert {
  readonly group: AlertGroup;
  readonly alert: GroupAlert;
}

/**
 * The alert of a fingerprint, or of the unambiguous beginning of one; of several groups that hold it the one that is open,
 * else the newest. Undefined when there is none, or several fingerprints begin so. Rejects with `StoreUnavailable`.
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
  if (new Set(meant.map(({ alert }) => alert.fingerprint)).size > 1) return undefined;
  return meant.toSorted(byInterest)[0];
}

/** The alert that a group is about: the one that fires, and of several the first that began. */
export const subjectOf = (group: AlertGroup): GroupAlert | undefined =>
  group.alerts.toSorted(
    (a, b) => Number(b.state === "firing") - Number(a.state === "firing") || a.startsAt - b.startsAt,
  )[0];

const byInterest = (a: FoundAlert, b: FoundAlert): number =>
  Number(b.alert.state === "firing") - Number(a.alert.state === "firing") || b.alert.startsAt - a.alert.startsAt;
