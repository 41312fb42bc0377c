import { sql, type Kysely } from "kysely";
import type { StormLine } from "../core/delivery-store.ts";
import type { WriteSession } from "./engine.ts";
import { isFree, isPending } from "./leases.ts";
import type { Tables } from "./schema.ts";

/** A summary names no more kinds of alerts than this. */
const MOST_LINES = 1_000;

/** Conversations of a destination that were begun since then. */
export async function countBegun(db: Kysely<Tables>, destination: string, since: number): Promise<number> {
  const { count } = await db
    .selectFrom("conversations")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("destination", "=", destination)
    .where("created_at", ">=", since)
    .executeTakeFirstOrThrow();
  return count;
}

/** Rolls up what waits and was never tried; gives how many. */
export async function rollUp(
  { db, now }: WriteSession,
  { destination, stormGroupId, from }: { destination: string; stormGroupId: string; from: number },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("conversations")
    .set({ state: "rolled_up", rolled_into: stormGroupId, held: 0, updated_at: now })
    .where("destination", "=", destination)
    .where(isPending)
    .where("attempted", "=", 0)
    .where("priority", ">=", from)
    .where("group_id", "!=", stormGroupId)
    .where(isFree(now))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** What a storm sums up, by the name of the alerts; the most frequent first. */
export async function stormLines(db: Kysely<Tables>, stormGroupId: string): Promise<readonly StormLine[]> {
  return db
    .selectFrom("conversations")
    .innerJoin("alert_groups", "alert_groups.id", "conversations.group_id")
    .select(({ fn }) => [
      "alert_groups.name",
      fn.countAll<number>().as("groups"),
      fn.sum<number>("alert_groups.is_open").as("open"),
      fn.min("conversations.priority").as("worstPriority"),
    ])
    .where("conversations.rolled_into", "=", stormGroupId)
    .groupBy("alert_groups.name")
    .orderBy("groups", "desc")
    .orderBy("alert_groups.name")
    .limit(MOST_LINES)
    .execute();
}

/** Settles the members of a storm that is over; gives whether it is. */
export async function endStorm({ db, now, locksRows }: WriteSession, stormGroupId: string): Promise<boolean> {
  const members = db
    .selectFrom("conversations")
    .select("id")
    .where("rolled_into", "=", stormGroupId)
    .where("state", "=", "rolled_up");
  // first, so that no member can be opened again between the look at the groups and the end
  if (locksRows) await members.orderBy("id").forUpdate().execute();
  const open = await db
    .selectFrom("alert_groups")
    .select("id")
    .where("is_open", "=", sql.lit(1))
    .where("id", "in", members.clearSelect().select("group_id"))
    .limit(1)
    .executeTakeFirst();
  if (open !== undefined) return false;
  await db
    .updateTable("conversations")
    .set({ state: "settled", pending_since: now, updated_at: now })
    .where("rolled_into", "=", stormGroupId)
    .where("state", "=", "rolled_up")
    .execute();
  return true;
}
