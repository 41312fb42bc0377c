import { sql } from "kysely";
import { isOpen, STORM_PRIORITY, type AlertGroup } from "../core/alert-group.ts";
import { CONVERSATION_STATES, type ConversationState } from "../core/conversation.ts";
import { batches } from "./batches.ts";
import type { WriteSession } from "./engine.ts";
import { conversationId } from "./rows.ts";

/** A group that is to be saved. */
export interface ChangedGroup {
  readonly group: AlertGroup;
  readonly isNew: boolean;
  /** Whether more than evidence is new: that concerns those too who gave up, or were told to. */
  readonly isNews: boolean;
  readonly priority: number;
  readonly destinations: ReadonlySet<string>;
  /** Places of the works that changed it. */
  readonly works: ReadonlySet<number>;
}

interface ToldRow {
  readonly id: string;
  readonly group_id: string;
  readonly destination: string;
  readonly state: string;
}

/**
 * Makes the conversations of changed groups pending at their new revision, and begins those that are missing. Gives the
 * destinations of each group that have something to be told.
 */
export async function tellDestinations(
  session: WriteSession,
  changed: readonly ChangedGroup[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const told = new Map<string, string[]>();
  const woken = await wake(session, changed);
  const begun = await begin(session, changed, new Set(woken.map(({ id }) => id)));
  for (const { group_id, destination } of [...woken, ...begun].filter(({ state }) => state === "pending")) {
    const destinations = told.get(group_id);
    if (destinations === undefined) told.set(group_id, [destination]);
    else destinations.push(destination);
  }
  return told;
}

/**
 * Begins what is not there, or not `known` to be. A group that is over before anybody was told begins no conversation.
 */
async function begin(
  { db, now }: WriteSession,
  changed: readonly ChangedGroup[],
  known: ReadonlySet<string>,
): Promise<readonly ToldRow[]> {
  const rows = changed
    .filter(({ group }) => isOpen(group))
    .flatMap(({ group, priority, destinations }) =>
      [...destinations].toSorted().map((destination) => ({
        id: conversationId(group.id, destination),
        group_id: group.id,
        destination,
        priority,
        desired_revision: group.revision,
        pending_since: now,
        not_before: now,
        created_at: now,
        updated_at: now,
      })),
    )
    .filter(({ id }) => !known.has(id));
  const begun: ToldRow[] = [];
  for (const batch of batches(rows)) {
    begun.push(
      ...(await db
        .insertInto("conversations")
        .values(batch.map((row) => ({ ...NEW, ...row })))
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning(["id", "group_id", "destination", "state"])
        .execute()),
    );
  }
  return begun;
}

const NEW = {
  state: "pending",
  attempted: 0,
  attempts: 0,
  held: 0,
  rolled_into: null,
  lease_owner: null,
  lease_until: null,
  doc: "{}",
} as const;

/**
 * What already is a conversation follows the group, wherever it is routed now: a destination that was told of it is
 * told of its end too. One that waits in backoff goes on waiting, or a destination that is down would be tried at each
 * change.
 */
async function wake(session: WriteSession, changed: readonly ChangedGroup[]): Promise<readonly ToldRow[]> {
  const known = changed.filter(({ isNew }) => !isNew);
  const isNews = (change: ChangedGroup): boolean => change.isNews;
  return [
    ...(await wakeIn(session, known.filter(isNews), CONVERSATION_STATES)),
    ...(await wakeIn(
      session,
      known.filter((change) => !isNews(change)),
      ["pending", "settled", "rolled_up"],
    )),
  ];
}

async function wakeIn(
  { db, now }: WriteSession,
  known: readonly ChangedGroup[],
  states: readonly ConversationState[],
): Promise<readonly ToldRow[]> {
  const woken: ToldRow[] = [];
  const isWaiting = sql<boolean>`conversations.state = 'pending'`;
  // what became critical is not left to a summary
  const isRolledUp = sql<boolean>`(conversations.state = 'rolled_up'
    and (alert_groups.is_open = 0 or alert_groups.priority >= ${sql.lit(STORM_PRIORITY)}))`;
  const isBegunAgain = sql<boolean>`(conversations.attempted = 0 and alert_groups.is_open = 1
    and conversations.state not in ('pending', 'rolled_up'))`;
  for (const batch of batches(known)) {
    const groupIds = batch.map(({ group }) => group.id);
    const routed = batch.flatMap(({ group, destinations }) =>
      [...destinations].map((name) => conversationId(group.id, name)),
    );
    woken.push(
      ...(await db
        .updateTable("conversations")
        .from("alert_groups")
        .set({
          desired_revision: sql`alert_groups.revision`,
          priority: sql`alert_groups.priority`,
          state: sql`case when ${isRolledUp} then 'rolled_up' else 'pending' end`,
          rolled_into: sql`case when ${isRolledUp} then conversations.rolled_into end`,
          attempts: sql`case when ${isWaiting} then conversations.attempts else 0 end`,
          pending_since: sql`case when ${isWaiting} then conversations.pending_since else ${now} end`,
          held: sql`case when ${isWaiting} then conversations.held else 0 end`,
          not_before: sql`case when ${isWaiting} and conversations.held = 0 then conversations.not_before else ${now} end`,
          created_at: sql`case when ${isBegunAgain} then ${now} else conversations.created_at end`,
          updated_at: now,
        })
        .whereRef("alert_groups.id", "=", "conversations.group_id")
        .whereRef("conversations.desired_revision", "<", "alert_groups.revision")
        .where("conversations.group_id", "in", groupIds)
        .where("conversations.state", "in", states)
        .where((eb) =>
          eb.or([
            eb("conversations.attempted", "=", 1),
            // PostgreSQL has no empty list
            eb("conversations.id", "in", routed.length > 0 ? routed : [""]),
          ]),
        )
        .returning(["conversations.id", "conversations.group_id", "conversations.destination", "conversations.state"])
        .execute()),
    );
  }
  return woken;
}
