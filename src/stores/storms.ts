import { sql, type Kysely } from "kysely";
import { STORM_PRIORITY } from "../core/alert-group.ts";
import type { StormLine } from "../core/delivery-store.ts";
import type { WriteSession } from "./engine.ts";
import { isFree, isPending, type Where } from "./leases.ts";
import type { Tables } from "./schema.ts";

/** A summary names no more kinds of alerts than this. */
const MOST_LINES = 1_000;

/** Conversations of a destination that were begun since then, or held until now, but for those of quiet routes. */
export async function countBegun(
  db: Kysely<Tables>,
  destination: string,
  since: number,
  quietRoutes: readonly string[],
): Promise<number> {
  const conversations = db
    .selectFrom("conversations")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("destination", "=", destination)
    .$if(quietRoutes.length > 0, (query) => query.where(isNotQuiet(quietRoutes)));
  const begun = await conversations.where("created_at", ">=", since).executeTakeFirstOrThrow();
  const held = await conversations
    .where(isPending)
    .where("held", "=", 1)
    .where("attempted", "=", 0)
    .where("created_at", "<", since)
    .where(isOfOpenGroup)
    .executeTakeFirstOrThrow();
  return begun.count + held.count;
}

/** Rolls up what waits and was never tried; gives how many. */
export async function rollUp(
  { db, now }: WriteSession,
  {
    destination,
    stormGroupId,
    quietRoutes,
  }: { destination: string; stormGroupId: string; quietRoutes: readonly string[] },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("conversations")
    .set({ state: "rolled_up", rolled_into: stormGroupId, held: 0, updated_at: now })
    .where("destination", "=", destination)
    .where(isPending)
    .where("attempted", "=", 0)
    .where("priority", ">=", STORM_PRIORITY)
    .where("group_id", "!=", stormGroupId)
    // a storm that nobody could be told of yet stays one of its own
    .where("group_id", "not in", (eb) =>
      eb
        .selectFrom("conversations as members")
        .select("members.rolled_into")
        .where("members.rolled_into", "is not", null)
        .$castTo<{ rolled_into: string }>(),
    )
    .where(isOfOpenGroup)
    .where(isFree(now))
    .$if(quietRoutes.length > 0, (query) => query.where(isNotQuiet(quietRoutes)))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

const isOfOpenGroup: Where = ({ exists, selectFrom }) =>
  exists(
    selectFrom("alert_groups")
      .select("alert_groups.id")
      .whereRef("alert_groups.id", "=", "conversations.group_id")
      .where("alert_groups.is_open", "=", sql.lit(1)),
  );

const isNotQuiet =
  (quietRoutes: readonly string[]): Where =>
  ({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom("alert_groups")
          .select("alert_groups.id")
          .whereRef("alert_groups.id", "=", "conversations.group_id")
          .where("alert_groups.route", "in", quietRoutes),
      ),
    );

/**
 * What was rolled up into a storm that does not tell of it: it ended at that moment, or the process did before it
 * began.
 */
const isStray =
  (now: number, graceMs: number): Where =>
  ({ and, or, eb, not, exists, selectFrom }) =>
    and([
      eb("conversations.state", "=", "rolled_up"),
      eb("conversations.rolled_into", "is not", null),
      or([eb("conversations.updated_at", "<=", now - graceMs), eb("conversations.updated_at", ">", now)]),
      not(
        exists(
          selectFrom("alert_groups")
            .select("alert_groups.id")
            .whereRef("alert_groups.id", "=", "conversations.rolled_into")
            .where("alert_groups.is_open", "=", sql.lit(1)),
        ),
      ),
    ]);

/** Whether there are strays; a look that costs no write. */
export async function hasStrays(db: Kysely<Tables>, now: number, graceMs: number): Promise<boolean> {
  const stray = await db
    .selectFrom("conversations")
    .select("id")
    .where(isStray(now, graceMs))
    .limit(1)
    .executeTakeFirst();
  return stray !== undefined;
}

/** Begins strays anew; gives how many. */
export async function releaseStrays({ db, now }: WriteSession, graceMs: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("conversations")
    .set({ state: "pending", rolled_into: null, pending_since: now, not_before: now, created_at: now, updated_at: now })
    .where(isStray(now, graceMs))
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
