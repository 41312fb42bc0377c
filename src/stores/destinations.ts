import type { Kysely } from "kysely";
import type { DestinationState } from "../core/conversation.ts";
import type { WriteSession } from "./engine.ts";
import type { Tables } from "./schema.ts";

/** More tokens than any bucket holds: what reads them cuts them down to its own burst. */
const FULL_BUCKET = Number.MAX_SAFE_INTEGER;

const untouched = (destination: string, now: number): DestinationState => ({
  destination,
  tokens: FULL_BUCKET,
  refilledAt: now,
  pausedUntil: 0,
  failures: 0,
  probeAt: 0,
});

/** What is known of a destination; a full bucket and no trouble when nothing is. */
export async function peekDestination(db: Kysely<Tables>, destination: string, now: number): Promise<DestinationState> {
  const row = await db
    .selectFrom("destinations")
    .select("doc")
    .where("destination", "=", destination)
    .executeTakeFirst();
  return row === undefined ? untouched(destination, now) : (JSON.parse(row.doc) as DestinationState);
}

/** The same, and no other transaction changes it before this one ends. */
export async function lockDestination(
  { db, now, locksRows }: WriteSession,
  destination: string,
): Promise<DestinationState> {
  if (!locksRows) return peekDestination(db, destination, now);
  const find = () =>
    db.selectFrom("destinations").select("doc").where("destination", "=", destination).forUpdate().executeTakeFirst();
  let row = await find();
  if (row === undefined) {
    await db
      .insertInto("destinations")
      .values({ destination, doc: JSON.stringify(untouched(destination, now)) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    row = await find();
  }
  return row === undefined ? untouched(destination, now) : (JSON.parse(row.doc) as DestinationState);
}

/** Replaces what is known of a destination. */
export async function saveDestination({ db }: WriteSession, state: DestinationState): Promise<void> {
  const doc = JSON.stringify({ ...state, tokens: Math.min(FULL_BUCKET, state.tokens) });
  await db
    .insertInto("destinations")
    .values({ destination: state.destination, doc })
    .onConflict((conflict) => conflict.column("destination").doUpdateSet({ doc }))
    .execute();
}

/** Changes what is known of a destination; the same object is no change. */
export async function changeDestination(
  session: WriteSession,
  destination: string,
  update: (state: DestinationState, now: number) => DestinationState,
): Promise<void> {
  const state = await lockDestination(session, destination);
  const next = update(state, session.now);
  if (next !== state) await saveDestination(session, next);
}

/** What is known of all destinations that were ever sent to, by name. */
export async function listDestinations(db: Kysely<Tables>): Promise<readonly DestinationState[]> {
  const rows = await db.selectFrom("destinations").select("doc").orderBy("destination").execute();
  return rows.map(({ doc }) => JSON.parse(doc) as DestinationState);
}
