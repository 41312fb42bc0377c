import { setImmediate } from "node:timers/promises";
import type { AlertGroup, AlertState } from "../../core/alert-group.ts";
import type { DeliveryStore, GroupChange } from "../../core/delivery-store.ts";

/** Is told what repair did, for metrics. */
export interface RepairObserver {
  /** Alerts of a source got this state though no notification said so; `firing` when they were opened again. */
  repaired(source: string, state: AlertState, count: number): void;
}

/** Where repairs go. */
export interface RepairSink {
  readonly store: DeliveryStore;
  readonly observer: RepairObserver;
  /** These destinations have something to be told now. */
  onChanged(destinations: readonly string[]): void;
}

/** So many groups are changed in one transaction: it must not keep intake waiting. */
const AT_ONCE = 50;

/** Applies changes of groups of one source, and tells whom they concern. */
export async function saveRepairs(sink: RepairSink, source: string, changes: readonly GroupChange[]): Promise<void> {
  for (let at = 0; at < changes.length; at += AT_ONCE) {
    const tally = new Map<string, ReadonlyMap<AlertState, number>>();
    const counted = changes.slice(at, at + AT_ONCE).map((change) => withTally(change, tally));
    const [result] = await sink.store.changeGroups([{ changes: counted }]);
    for (const [state, count] of [...tally.values()].flatMap((counts) => [...counts]))
      sink.observer.repaired(source, state, count);
    if (result !== undefined && result.destinations.length > 0) sink.onChanged(result.destinations);
    await setImmediate();
  }
}

/** A transaction may be tried again, so that of each group only the last count stands. */
function withTally(change: GroupChange, tally: Map<string, ReadonlyMap<AlertState, number>>): GroupChange {
  return {
    ...change,
    apply: (current, isCopy) => {
      const next = change.apply(current, isCopy);
      tally.set(change.groupId, changesOf(current, next));
      return next;
    },
  };
}

function changesOf(current: AlertGroup | undefined, next: AlertGroup | undefined): ReadonlyMap<AlertState, number> {
  const counts = new Map<AlertState, number>();
  if (current === undefined || next === undefined) return counts;
  const former = new Map(current.alerts.map(({ fingerprint, state }) => [fingerprint, state]));
  for (const { fingerprint, state } of next.alerts) {
    const isChange = (state === "firing") !== (former.get(fingerprint) === "firing");
    if (isChange) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}
