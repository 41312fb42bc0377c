import type { Engine, WriteSession } from "./engine.ts";

/** Rows deleted in one transaction: bundles are large, and deleting must not keep others waiting. */
const BUNDLES_AT_ONCE = 50;
const CHANGES_AT_ONCE = 500;

/** Deletes bundles and changes that are older, some at a time; gives how many rows. */
export async function pruneEvidence(engine: Engine, before: number): Promise<number> {
  const moment = Math.round(before);
  let total = 0;
  for (const [atOnce, step] of [
    [BUNDLES_AT_ONCE, pruneBundles],
    [CHANGES_AT_ONCE, pruneChanges],
  ] as const) {
    for (let count: number = atOnce; count >= atOnce; total += count)
      count = await engine.write("upkeep", (session) => step(session, moment));
  }
  return total;
}

async function pruneBundles({ db }: WriteSession, before: number): Promise<number> {
  const old = db
    .selectFrom("bundles")
    .select("id")
    .where("created_at", "<", before)
    .orderBy("created_at")
    .limit(BUNDLES_AT_ONCE);
  const { numDeletedRows } = await db.deleteFrom("bundles").where("id", "in", old).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

async function pruneChanges({ db }: WriteSession, before: number): Promise<number> {
  const old = db
    .selectFrom("changes")
    .select("id")
    // one that is said to come to pass in some years goes too
    .where((eb) => eb.or([eb("at", "<", before), eb("saved_at", "<", before)]))
    .limit(CHANGES_AT_ONCE);
  const { numDeletedRows } = await db.deleteFrom("changes").where("id", "in", old).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
