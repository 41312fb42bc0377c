import { isDeepStrictEqual } from "node:util";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { GroupChange } from "../../core/delivery-store.ts";
import { closeAlerts, forgetHidden, reopenAlerts } from "../groups/close-alerts.ts";
import { priorityOf } from "../groups/priority-of.ts";
import type { Judgement } from "./reconcile.ts";
import type { Reopening } from "./reopen.ts";

/** Closes what was judged, as far as no notification said anything of it since. */
export function closingChange(
  group: AlertGroup,
  { closings, clearsHidden }: Judgement,
  destinations: readonly string[],
  now: number,
): GroupChange {
  return changeOf(group, destinations, (current) => {
    const valid = stillTrue(current, closings, (alert, { startsAt, seenAt }) => {
      return alert.startsAt === startsAt && alert.seenAt === seenAt;
    });
    const isCleared = clearsHidden && isDeepStrictEqual(current.truncated, group.truncated);
    return closeAlerts(isCleared ? forgetHidden(current, now) : current, valid, now);
  });
}

/** Opens what was judged, as far as it is still closed as it was. */
export function reopeningChange(
  group: AlertGroup,
  reopenings: ReadonlyMap<string, Reopening>,
  destinations: readonly string[],
  now: number,
): GroupChange {
  return changeOf(group, destinations, (current) => {
    const valid = stillTrue(current, reopenings, (alert, { closedAt }) => alert.closedAt === closedAt);
    return reopenAlerts(current, new Map([...valid].map(([name, { startsAt }]) => [name, startsAt])), now);
  });
}

function changeOf(
  { id }: AlertGroup,
  destinations: readonly string[],
  change: (current: AlertGroup) => AlertGroup,
): GroupChange {
  return { groupId: id, destinations, apply: (current) => current && change(current), priority: priorityOf };
}

function stillTrue<Judged>(
  { alerts }: AlertGroup,
  judged: ReadonlyMap<string, Judged>,
  isSame: (alert: GroupAlert, judged: Judged) => boolean,
): ReadonlyMap<string, Judged> {
  const current = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  return new Map(
    [...judged].filter(([fingerprint, one]) => {
      const alert = current.get(fingerprint);
      return alert !== undefined && isSame(alert, one);
    }),
  );
}
