import type { Kysely } from "kysely";
import type { Conversation } from "../core/conversation.ts";
import type { Attempt } from "../core/delivery-store.ts";
import type { WriteSession } from "./engine.ts";
import { dueAt, isFree, isPending } from "./leases.ts";
import { conversationRow, leaseOf, readConversation } from "./rows.ts";
import { saveConversations } from "./save-conversations.ts";
import type { ConversationRow, Tables } from "./schema.ts";

type Update = (conversation: Conversation, now: number) => Conversation;

/** Ends a claim; false when another has it. */
export async function finish(
  session: WriteSession,
  { id, owner, attempt, update }: { id: string; owner: string; attempt: Attempt; update: Update },
): Promise<boolean> {
  const row = await lockLeased(session, id, owner);
  if (row === undefined) return false;
  await saveConversations(session, [conversationRow(update(readConversation(row), session.now), session.now)]);
  await session.db
    .insertInto("attempts")
    .values({ conversation_id: id, started_at: Math.round(attempt.startedAt), doc: JSON.stringify(attempt) })
    .execute();
  return true;
}

/** Takes back a claim of which nothing came. What its group said meanwhile stays. */
export async function release(session: WriteSession, id: string, owner: string, before: Conversation): Promise<void> {
  const row = await lockLeased(session, id, owner);
  if (row === undefined) return;
  const { desiredRevision, priority } = readConversation(row);
  await saveConversations(session, [conversationRow({ ...before, desiredRevision, priority }, session.now)]);
}

async function lockLeased(
  { db, locksRows }: WriteSession,
  id: string,
  owner: string,
): Promise<ConversationRow | undefined> {
  const query = db.selectFrom("conversations").selectAll().where("id", "=", id).where("lease_owner", "=", owner);
  return (locksRows ? query.forUpdate() : query).executeTakeFirst();
}

/**
 * Changes a conversation that is not in flight; gives its destination, or undefined when there is no such conversation.
 */
export async function changeConversation(
  session: WriteSession,
  id: string,
  update: Update,
): Promise<string | undefined> {
  const { db, now, locksRows } = session;
  const query = db.selectFrom("conversations").selectAll().where("id", "=", id).where(isFree(now));
  const row = await (locksRows ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined) return undefined;
  await saveConversations(session, [conversationRow(update(readConversation(row), now), now, leaseOf(row))]);
  return row.destination;
}

/**
 * Ends all leases but those of this owner, and has what an interval holds looked at again: the intervals may be others
 * now.
 */
export async function recover({ db, now, locksRows }: WriteSession, owner: string): Promise<void> {
  await db
    .updateTable("conversations")
    .set({ not_before: now })
    .where(isPending)
    .where("held", "=", 1)
    .where("not_before", ">", now)
    .execute();
  // those of other replicas, which are alive, perhaps, run out by themselves
  if (locksRows) return;
  await db
    .updateTable("conversations")
    .set({ lease_owner: null, lease_until: null })
    .where("lease_owner", "is not", null)
    .where("lease_owner", "!=", owner)
    .execute();
}

/** When the next conversation of a destination is due. */
export async function nextDueAt(db: Kysely<Tables>, destination: string, now: number): Promise<number | undefined> {
  const row = await db
    .selectFrom("conversations")
    .select(({ fn }) => fn.min<number | null>(dueAt(now)).as("at"))
    .where("destination", "=", destination)
    .where(isPending)
    .where(isFree(now))
    .executeTakeFirst();
  return row?.at ?? undefined;
}
