import { batches } from "./batches.ts";
import type { WriteSession } from "./engine.ts";
import type { ConversationRow } from "./schema.ts";

/** Writes conversations that are there already; the whole of each but what never changes. */
export async function saveConversations({ db }: WriteSession, rows: readonly ConversationRow[]): Promise<void> {
  for (const batch of batches(rows)) {
    await db
      .insertInto("conversations")
      .values(batch)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((eb) => ({
          state: eb.ref("excluded.state"),
          priority: eb.ref("excluded.priority"),
          desired_revision: eb.ref("excluded.desired_revision"),
          attempted: eb.ref("excluded.attempted"),
          attempts: eb.ref("excluded.attempts"),
          pending_since: eb.ref("excluded.pending_since"),
          not_before: eb.ref("excluded.not_before"),
          held: eb.ref("excluded.held"),
          rolled_into: eb.ref("excluded.rolled_into"),
          lease_owner: eb.ref("excluded.lease_owner"),
          lease_until: eb.ref("excluded.lease_until"),
          updated_at: eb.ref("excluded.updated_at"),
          doc: eb.ref("excluded.doc"),
        })),
      )
      .execute();
  }
}
