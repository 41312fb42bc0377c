import { alertOf, groupOf, MINUTE } from "../../src/app/deliveries/__fixtures__/world.ts";
import type { AlertGroup } from "../../src/core/alert-group.ts";
import type { Conversation } from "../../src/core/conversation.ts";
import type { ConversationView } from "../../src/core/delivery-store.ts";
import { openSqliteStore } from "../../src/stores/index.ts";

/** Ids of the deliveries that {@link seedDeliveries} made. */
export interface Seeded {
  readonly dead: string;
  readonly waiting: string;
  readonly delivered: string;
}

/**
 * Makes a store in a file with three deliveries of alerts that began 47 minutes ago: one dead, one in backoff, one
 * delivered.
 */
export async function seedDeliveries(path: string): Promise<Seeded> {
  const store = await openSqliteStore({ path, reserveBytes: 0 });
  const now = await store.now();
  const began = now - 47 * MINUTE;
  const at = { startsAt: began, seenAt: began };
  const nodes = groupOf(
    "nodes",
    ["db-1", "db-2"].map((node) => alertOf(node, at)),
  );
  const disk = groupOf("disk", [
    alertOf("nas-1", {
      ...at,
      labels: { alertname: "DiskFull", severity: "warning" },
      annotations: { summary: "Disk of nas-1 is full\u001b[2J" },
    }),
  ]);
  const save = async (group: AlertGroup, destination: string, change: Partial<Conversation>): Promise<string> => {
    // a new revision begins the conversations that are missing
    const apply = (current: AlertGroup = group): AlertGroup => ({ ...current, revision: current.revision + 1 });
    await store.changeGroups([
      { changes: [{ groupId: group.id, destinations: [destination], apply, priority: () => 0 }] },
    ]);
    const [view] = (await store.list({ destination, groupId: group.id, limit: 1 })) as [ConversationView];
    await store.changeConversation(view.conversation.id, (conversation) => ({ ...conversation, ...change }));
    return view.conversation.id;
  };
  const seeded = {
    dead: await save(nodes, "chat", {
      state: "dead",
      attempts: 2,
      plain: true,
      lastReason: "message_rejected",
      lastError: "invalid_blocks",
    }),
    waiting: await save(disk, "chat", {
      attempts: 3,
      notBefore: now + 2 * MINUTE,
      lastReason: "server_error",
      lastError: "status 503",
    }),
    delivered: await save(disk, "oncall", {
      state: "settled",
      told: { revision: 1, status: "firing", at: began + MINUTE, firing: [], tries: 1 },
      attempted: true,
      remote: { routingKey: "planted-secret" },
    }),
  };
  await store.close();
  return seeded;
}
