import { sql, type Kysely } from "kysely";
import type { AlertGroup } from "../core/alert-group.ts";
import type { ConversationState } from "../core/conversation.ts";
import type { Attempt, ConversationCount, ConversationFilter, ConversationView } from "../core/delivery-store.ts";
import { isNoId } from "./no-id.ts";
import { readConversation, readGroup } from "./rows.ts";
import type { Tables } from "./schema.ts";

const ATTEMPTS_SHOWN = 50;
/** A shorter beginning of an id would soon be one of several. */
const ID_BEGINNING = /^[0-9a-f]{6,32}$/;

/** Groups in the order of their ids. */
export async function listGroups(
  db: Kysely<Tables>,
  { source, openOnly, afterId, limit }: { source?: string; openOnly: boolean; afterId?: string; limit: number },
): Promise<readonly AlertGroup[]> {
  let query = db.selectFrom("alert_groups").select("doc").orderBy("id").limit(limit);
  if (source !== undefined) query = query.where("source", "=", source);
  if (openOnly) query = query.where("is_open", "=", sql.lit(1));
  if (afterId !== undefined) query = query.where("id", ">", afterId);
  return (await query.execute()).map(readGroup);
}

/** One group. */
export async function findGroup(db: Kysely<Tables>, id: string): Promise<AlertGroup | undefined> {
  if (isNoId(id)) return undefined;
  const row = await db.selectFrom("alert_groups").select("doc").where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : readGroup(row);
}

/** When each source was last heard of. */
export async function listHeartbeats(db: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom("heartbeats").selectAll().execute();
  return new Map(rows.map(({ source, seen_at }) => [source, seen_at]));
}

const views = (db: Kysely<Tables>) =>
  db
    .selectFrom("conversations")
    .innerJoin("alert_groups", "alert_groups.id", "conversations.group_id")
    .selectAll("conversations")
    .select("alert_groups.doc as group_doc");

type ViewRow = Awaited<ReturnType<ReturnType<typeof views>["execute"]>>[number];

const readView = (row: ViewRow): ConversationView => ({
  conversation: readConversation(row),
  group: readGroup({ doc: row.group_doc }),
});

/** Conversations, those first of which something was to be told last; waiting and trying again does not count. */
export async function listConversations(
  db: Kysely<Tables>,
  { destination, states, groupId, openOnly, limit }: ConversationFilter,
): Promise<readonly ConversationView[]> {
  let query = views(db).orderBy("conversations.pending_since", "desc").orderBy("conversations.id").limit(limit);
  if (destination !== undefined) query = query.where("conversations.destination", "=", destination);
  if (groupId !== undefined) query = query.where("conversations.group_id", "=", groupId);
  if (openOnly === true) query = query.where("alert_groups.is_open", "=", sql.lit(1));
  if (states !== undefined) query = query.where("conversations.state", "in", states.length > 0 ? states : [""]);
  return (await query.execute()).map(readView);
}

/** One conversation with its newest attempts. */
export async function showConversation(
  db: Kysely<Tables>,
  id: string,
): Promise<(ConversationView & { readonly attempts: readonly Attempt[] }) | undefined> {
  if (!ID_BEGINNING.test(id)) return undefined;
  const [row, another] = await views(db)
    .where("conversations.id", ">=", id)
    // after every id that begins so
    .where("conversations.id", "<", `${id}g`)
    .limit(2)
    .execute();
  if (row === undefined || another !== undefined) return undefined;
  const attempts = await db
    .selectFrom("attempts")
    .select("doc")
    .where("conversation_id", "=", row.id)
    .orderBy("started_at", "desc")
    .limit(ATTEMPTS_SHOWN)
    .execute();
  return { ...readView(row), attempts: attempts.map(({ doc }) => JSON.parse(doc) as Attempt) };
}

/** How many conversations there are of each kind. */
export async function countConversations(db: Kysely<Tables>): Promise<readonly ConversationCount[]> {
  const rows = await db
    .selectFrom("conversations")
    .select(({ fn }) => [
      "destination",
      "state",
      "held",
      fn.countAll<number>().as("count"),
      fn.min("pending_since").as("oldestPendingSince"),
    ])
    .groupBy(["destination", "state", "held"])
    .orderBy("destination")
    .orderBy("state")
    .orderBy("held")
    .execute();
  return rows.map((row) => ({ ...row, state: row.state as ConversationState, held: row.held === 1 }));
}
