import type { Kysely } from "kysely";
import type { AlertGroup } from "../core/alert-group.ts";
import type { Claimed, ClaimRequest } from "../core/delivery-store.ts";
import { lockDestination, peekDestination, saveDestination } from "./destinations.ts";
import type { WriteSession } from "./engine.ts";
import { isDue } from "./leases.ts";
import { conversationRow, leaseOf, readConversation, readGroup } from "./rows.ts";
import { saveConversations } from "./save-conversations.ts";
import type { ConversationRow, Tables } from "./schema.ts";

/** Conversations are read in pages: the first is no larger than what may be sent, unless that is few. */
const LEAST_PAGE = 8;
const LARGEST_PAGE = 64;
/** So many are decided in one transaction at most: others wait for it. */
const MOST_DECIDED = 1_000;

/** Whether a claim may give something; a look that costs no write. */
export async function mayClaim(
  db: Kysely<Tables>,
  { destination, leaseMs, limit, allowance }: ClaimRequest,
  now: number,
): Promise<boolean> {
  if (limit <= 0) return false;
  const due = await db
    .selectFrom("conversations")
    .select("id")
    .where(isDue(destination, now, leaseMs))
    .limit(1)
    .executeTakeFirst();
  return due !== undefined && allowance(await peekDestination(db, destination, now), now) >= 1;
}

/** Claims what is due, within the transaction of the session. */
export async function claim(session: WriteSession, request: ClaimRequest): Promise<readonly Claimed[]> {
  const { now } = session;
  const state = await lockDestination(session, request.destination);
  const budget = Math.min(request.limit, Math.floor(request.allowance(state, now)));
  const claimed: Claimed[] = [];
  let last: ConversationRow | undefined;
  let size = Math.min(LARGEST_PAGE, Math.max(LEAST_PAGE, budget));
  for (let decided = 0; claimed.length < budget && decided < MOST_DECIDED;) {
    const page = await readPage(session, request, size, last);
    claimed.push(...(await decidePage(session, request, page, budget - claimed.length)));
    if (page.length < size) break;
    decided += page.length;
    last = page.at(-1);
    size = LARGEST_PAGE;
  }
  if (claimed.length > 0) await saveDestination(session, request.spend(state, claimed.length, now));
  return claimed;
}

function readPage(
  { db, now, locksRows }: WriteSession,
  { destination, leaseMs }: ClaimRequest,
  size: number,
  last: ConversationRow | undefined,
): Promise<ConversationRow[]> {
  let query = db
    .selectFrom("conversations")
    .selectAll()
    .where(isDue(destination, now, leaseMs))
    .orderBy("priority")
    .orderBy("not_before")
    .orderBy("id")
    .limit(size);
  if (last !== undefined) {
    const { priority, not_before, id } = last;
    query = query.where((eb) =>
      eb(eb.refTuple("priority", "not_before", "id"), ">", eb.tuple(priority, not_before, id)),
    );
  }
  return (locksRows ? query.forUpdate().skipLocked() : query).execute();
}

async function decidePage(
  session: WriteSession,
  { owner, leaseMs, decide }: ClaimRequest,
  page: readonly ConversationRow[],
  budget: number,
): Promise<readonly Claimed[]> {
  const { now } = session;
  // a statement of its own, after the rows are locked: it sees the groups as they are now
  const groups = await readGroups(session, page);
  const claimed: Claimed[] = [];
  const changed: ConversationRow[] = [];
  for (const row of page) {
    if (claimed.length >= budget) break;
    const group = groups.get(row.group_id);
    if (group === undefined) continue;
    const before = readConversation(row);
    const { next, send } = decide(before, group, now);
    if (send !== undefined) {
      const conversation = { ...next, updatedAt: now };
      claimed.push({ conversation, group, action: send, before });
      changed.push(conversationRow(conversation, now, { owner, until: now + leaseMs }));
    } else if (next !== before) changed.push(conversationRow(next, now, leaseOf(row)));
  }
  await saveConversations(session, changed);
  return claimed;
}

async function readGroups(
  { db }: WriteSession,
  page: readonly ConversationRow[],
): Promise<ReadonlyMap<string, AlertGroup>> {
  if (page.length === 0) return new Map();
  const ids = page.map(({ group_id }) => group_id);
  const rows = await db.selectFrom("alert_groups").select(["id", "doc"]).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, readGroup(row)]));
}
