import { newsOf, type AlertGroup } from "../core/alert-group.ts";
import { StoreUnavailable, type GroupWork, type GroupWorkResult } from "../core/delivery-store.ts";
import { batches } from "./batches.ts";
import type { WriteSession } from "./engine.ts";
import { noteInbound } from "./inbound.ts";
import { groupRow, readGroup } from "./rows.ts";
import { tellDestinations, type ChangedGroup } from "./tell-destinations.ts";

/** Thrown when another replica was first; the transaction is to be done again. */
export class Collision extends StoreUnavailable {}

/** Applies works in their order, within the transaction of the session. */
export async function changeGroups(
  session: WriteSession,
  works: readonly GroupWork[],
): Promise<readonly GroupWorkResult[]> {
  const ids = new Set(works.flatMap(({ changes }) => changes.map(({ groupId }) => groupId)));
  // before anything else, so that two replicas with the same notification do it one after the other
  const known = await lockGroups(session, [...ids].toSorted());
  const isCopy = await noteInbound(session, works);
  await noteHeartbeats(session, works);
  const { changed, revised } = fold(works, known, isCopy);
  await saveGroups(session, changed);
  const told = await tellDestinations(session, changed);
  const destinations = works.map(() => new Set<string>());
  for (const { group, works: changers } of changed)
    for (const i of changers) for (const name of told.get(group.id) ?? []) destinations[i]?.add(name);
  return destinations.map((names, i) => ({
    isCopy: isCopy[i] ?? false,
    changed: revised[i] ?? 0,
    destinations: [...names],
  }));
}

async function lockGroups(
  { db, locksRows }: WriteSession,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AlertGroup>> {
  const groups = new Map<string, AlertGroup>();
  for (const batch of batches(ids)) {
    const query = db.selectFrom("alert_groups").select(["id", "doc"]).where("id", "in", batch);
    const rows = await (locksRows ? query.orderBy("id").forUpdate() : query).execute();
    for (const row of rows) groups.set(row.id, readGroup(row));
  }
  return groups;
}

async function noteHeartbeats({ db, now }: WriteSession, works: readonly GroupWork[]): Promise<void> {
  const sources = [...new Set(works.flatMap(({ heartbeats = [] }) => heartbeats))].toSorted();
  for (const source of sources) {
    await db
      .insertInto("heartbeats")
      .values({ source, seen_at: now })
      .onConflict((conflict) => conflict.column("source").doUpdateSet({ seen_at: now }))
      .execute();
  }
}

interface Folded {
  readonly changed: readonly ChangedGroup[];
  /** For each work, how many groups have a new revision by it. */
  readonly revised: readonly number[];
}

function fold(works: readonly GroupWork[], known: ReadonlyMap<string, AlertGroup>, isCopy: readonly boolean[]): Folded {
  const groups = new Map(known);
  const changed = new Map<string, ChangedGroup>();
  const revised = works.map((work, i) => {
    let count = 0;
    for (const { groupId, destinations, apply, priority } of work.changes) {
      const current = groups.get(groupId);
      const group = apply(current, isCopy[i] ?? false);
      if (group === undefined || group === current) continue;
      const before = changed.get(groupId);
      groups.set(groupId, group);
      changed.set(groupId, {
        group,
        isNew: !known.has(groupId),
        isNews: newsOf(group) > (known.get(groupId)?.revision ?? 0),
        priority: priority(group),
        destinations: new Set([...(before?.destinations ?? []), ...destinations]),
        works: new Set([...(before?.works ?? []), i]),
      });
      if (group.revision !== current?.revision) count += 1;
    }
    return count;
  });
  return { changed: [...changed.values()].toSorted(byId), revised };
}

const byId = (a: ChangedGroup, b: ChangedGroup): number => (a.group.id < b.group.id ? -1 : 1);

async function saveGroups({ db, now }: WriteSession, changed: readonly ChangedGroup[]): Promise<void> {
  const rows = (isNew: boolean) =>
    changed.filter((change) => change.isNew === isNew).map(({ group, priority }) => groupRow(group, priority, now));
  for (const batch of batches(rows(true))) {
    const insert = db.insertInto("alert_groups").values(batch);
    const inserted = await insert
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .execute();
    if (inserted.length < batch.length)
      throw new Collision("Other replicas begin the same groups at the same time, again and again.");
  }
  for (const batch of batches(rows(false))) {
    await db
      .insertInto("alert_groups")
      .values(batch)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((eb) => ({
          route: eb.ref("excluded.route"),
          name: eb.ref("excluded.name"),
          is_open: eb.ref("excluded.is_open"),
          revision: eb.ref("excluded.revision"),
          priority: eb.ref("excluded.priority"),
          updated_at: eb.ref("excluded.updated_at"),
          doc: eb.ref("excluded.doc"),
        })),
      )
      .execute();
  }
}
