import { sql } from "kysely";
import type { PruneLimits } from "../core/delivery-store.ts";
import type { Engine, WriteSession } from "./engine.ts";

/** Rows deleted in one transaction: it must not keep others waiting. */
const AT_ONCE = 500;

/** Deletes what is older than the limits, some at a time; gives how many rows. */
export async function prune(
  engine: Engine,
  { inboundBefore, closedBefore, destinations }: PruneLimits,
): Promise<number> {
  let total = 0;
  for (const step of [
    (session: WriteSession) => pruneInbound(session, inboundBefore),
    (session: WriteSession) => pruneAttempts(session, inboundBefore),
    (session: WriteSession) => pruneGroups(session, closedBefore, destinations),
  ]) {
    for (let count = AT_ONCE; count >= AT_ONCE; total += count) count = await engine.write("upkeep", step);
  }
  return total;
}

async function pruneInbound({ db }: WriteSession, before: number): Promise<number> {
  const old = db
    .selectFrom("inbound")
    .select(["source", "content_hash", "bucket"])
    .where("received_at", "<", before)
    .orderBy("received_at")
    .limit(AT_ONCE);
  const { numDeletedRows } = await db
    .deleteFrom("inbound")
    .where(({ eb, refTuple }) =>
      eb(refTuple("source", "content_hash", "bucket"), "in", old.$asTuple("source", "content_hash", "bucket")),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

async function pruneAttempts({ db, locksRows }: WriteSession, before: number): Promise<number> {
  // the tables of both databases have such a column, which names a row that has no key of its own
  const place = locksRows ? sql.ref<string>("ctid") : sql.ref<string>("rowid");
  const old = db
    .selectFrom("attempts")
    .select(place.as("place"))
    .where("started_at", "<", before)
    .orderBy("started_at")
    .limit(AT_ONCE);
  const { numDeletedRows } = await db.deleteFrom("attempts").where(place, "in", old).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Their conversations and attempts go with them. */
async function pruneGroups(
  { db, locksRows }: WriteSession,
  before: number,
  destinations: readonly string[],
): Promise<number> {
  const query = db
    .selectFrom("alert_groups")
    .select("id")
    .where("is_open", "=", sql.lit(0))
    .where("updated_at", "<", before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("conversations")
            .select("conversations.id")
            .whereRef("conversations.group_id", "=", "alert_groups.id")
            .where((eb) =>
              eb.or([
                eb.and([
                  eb("state", "in", ["pending", "rolled_up"]),
                  eb("destination", "in", destinations.length > 0 ? destinations : [""]),
                ]),
                eb("conversations.updated_at", ">=", before),
              ]),
            ),
        ),
      ),
    )
    .orderBy("updated_at")
    .limit(AT_ONCE);
  const old = await (locksRows ? query.forUpdate().skipLocked() : query).execute();
  if (old.length === 0) return 0;
  const { numDeletedRows } = await db
    .deleteFrom("alert_groups")
    .where(
      "id",
      "in",
      old.map(({ id }) => id),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
