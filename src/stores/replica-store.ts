import type { Kysely } from "kysely";
import type { ReplicaCard, ReplicaStore, ReplicaView, TargetExchange } from "../core/replica-store.ts";
import { batches } from "./batches.ts";
import type { Engine, WriteSession } from "./engine.ts";
import type { Tables } from "./schema.ts";

/** The store of replicas over a database that has its tables. */
export const createReplicaStore = (engine: Engine): ReplicaStore => ({
  joinReplicas: (card) => engine.write("upkeep", (session) => join(session, card)),
  renewReplica: (card) => engine.write("upkeep", (session) => renew(session, card)),
  keepAlive: (id) => engine.keepAlive(id),
  knownTargets: (fingerprints) => engine.read((db) => knownTargets(db, fingerprints)),
  removeReplicas: (silent) => engine.write("upkeep", (session) => remove(session, silent)),
  exchangeTargets: (id, exchange) => engine.write("upkeep", (session) => exchangeTargets(session, id, exchange)),
  leaveReplicas: (id) =>
    engine.write("upkeep", async ({ db }) => void (await db.deleteFrom("replicas").where("id", "=", id).execute())),
  targetOwners: () => engine.read(targetOwners),
});

async function join({ db, now }: WriteSession, { targets, ...card }: ReplicaCard): Promise<void> {
  await db
    .insertInto("replicas")
    .values({ ...card, targets: JSON.stringify(targets), joined_at: now })
    // whose answer was lost joins again
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        beat: eb.ref("excluded.beat"),
        fingerprint: eb.ref("excluded.fingerprint"),
        targets: eb.ref("excluded.targets"),
      })),
    )
    .execute();
}

async function renew({ db }: WriteSession, card: ReplicaCard): Promise<ReplicaView | undefined> {
  if (!(await noteBeat(db, card))) return undefined;
  const members = await db
    .selectFrom("replicas")
    .select(["id", "beat", "fingerprint", "joined_at as joinedAt"])
    .orderBy("joined_at")
    .orderBy("id")
    .execute();
  return { members, owned: await ownedBy(db, card.id) };
}

/** The list of targets is long, and is written only when it has changed. */
async function noteBeat(db: Kysely<Tables>, { id, beat, fingerprint, targets }: ReplicaCard): Promise<boolean> {
  const update = db.updateTable("replicas").where("id", "=", id);
  const same = await update.set({ beat }).where("fingerprint", "=", fingerprint).executeTakeFirst();
  if (same.numUpdatedRows > 0n) return true;
  const other = await update.set({ beat, fingerprint, targets: JSON.stringify(targets) }).executeTakeFirst();
  return other.numUpdatedRows > 0n;
}

async function ownedBy(db: Kysely<Tables>, id: string): Promise<readonly string[]> {
  const rows = await db.selectFrom("target_owners").select("target").where("replica", "=", id).execute();
  return rows.map(({ target }) => target);
}

async function knownTargets(
  db: Kysely<Tables>,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (fingerprints.length === 0) return new Map();
  const rows = await db
    .selectFrom("replicas")
    .select(["fingerprint", "targets"])
    .distinct()
    .where("fingerprint", "in", fingerprints)
    .execute();
  return new Map(rows.map(({ fingerprint, targets }) => [fingerprint, JSON.parse(targets) as readonly string[]]));
}

/**
 * A renewal that comes at the same moment either is seen here, or finds no replica to renew: the row's lock decides.
 */
async function remove({ db }: WriteSession, silent: Parameters<ReplicaStore["removeReplicas"]>[0]): Promise<number> {
  let removed = 0;
  for (const { id, beat } of silent) {
    const { numDeletedRows } = await db
      .deleteFrom("replicas")
      .where("id", "=", id)
      .where("beat", "=", beat)
      .executeTakeFirst();
    removed += Number(numDeletedRows);
  }
  return removed;
}

async function exchangeTargets(
  { db, locksRows }: WriteSession,
  id: string,
  { release, claim }: TargetExchange,
): Promise<readonly string[] | undefined> {
  const own = db.selectFrom("replicas").select("id").where("id", "=", id);
  // nobody takes the replica out before its claims are made
  if ((await (locksRows ? own.forUpdate() : own).executeTakeFirst()) === undefined) return undefined;
  for (const targets of batches(release))
    await db.deleteFrom("target_owners").where("replica", "=", id).where("target", "in", targets).execute();
  // all claim in the same order, so that none waits for another that waits for it
  for (const targets of batches(claim.toSorted())) {
    await db
      .insertInto("target_owners")
      .values(targets.map((target) => ({ target, replica: id })))
      .onConflict((conflict) => conflict.column("target").doNothing())
      .execute();
  }
  return ownedBy(db, id);
}

async function targetOwners(db: Kysely<Tables>): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom("target_owners").select(["target", "replica"]).execute();
  return new Map(rows.map(({ target, replica }) => [target, replica]));
}
