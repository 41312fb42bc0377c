import { join } from "node:path";
import SQLite from "better-sqlite3";
import { openSqliteStore } from "../../src/stores/sqlite/open-sqlite-store.ts";
import type { ConversationRow, GroupRow, InboundRow } from "../../src/stores/schema.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { MOST_BYTES, rateOfWriting, sortOut, type Written } from "./written.ts";

/** What a service that has ended wrote to its file. */
export function readSqlite(file: string): Written {
  const database = new SQLite(file, { readonly: true });
  const inbound: InboundRow[] = [];
  let bytes = 0;
  for (const row of database.prepare("select * from inbound order by received_at, content_hash").iterate()) {
    inbound.push(row as InboundRow);
    bytes += inbound.at(-1)?.body.length ?? 0;
    if (bytes > MOST_BYTES) break;
  }
  const all = (table: string): unknown[] => database.prepare(`select * from ${table}`).all();
  const groups = all("alert_groups") as GroupRow[];
  const conversations = all("conversations") as ConversationRow[];
  database.close();
  return sortOut({ inbound, groups, conversations });
}

/** Writes the same rows in the same transactions by better-sqlite3 itself, each synced; gives webhooks in a second. */
export async function sqliteLimit(written: Written, forMs: number): Promise<number> {
  const folder = await createTemporaryFolder("limit");
  const path = join(folder.path, "limit.db");
  // for its tables and their indexes
  await (await openSqliteStore({ path, reserveBytes: 0 })).close();
  const database = new SQLite(path);
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = full");
  database.pragma("foreign_keys = on");
  const [sample] = written.flat();
  if (sample === undefined) throw new Error("the service wrote nothing");
  const inbound = upsert(database, "inbound", sample.inbound, "content_hash, bucket, source");
  const group = upsert(database, "alert_groups", sample.group, "id");
  const conversation = upsert(database, "conversations", sample.conversation, "id");
  const write = database.transaction((transaction: Written[number]) => {
    for (const one of transaction) {
      inbound.run(one.inbound);
      group.run(one.group);
      conversation.run(one.conversation);
    }
  });
  try {
    return await rateOfWriting(written, forMs, (transaction) => write.immediate(transaction));
  } finally {
    database.close();
    await folder.remove();
  }
}

function upsert(database: SQLite.Database, table: string, sample: object, key: string): SQLite.Statement {
  const columns = Object.keys(sample);
  const changes = columns.filter((name) => !key.split(", ").includes(name)).map((name) => `${name} = excluded.${name}`);
  const values = columns.map((name) => `@${name}`);
  return database.prepare(
    `insert into ${table} (${columns.join(", ")}) values (${values.join(", ")})
     on conflict (${key}) do update set ${changes.join(", ")}`,
  );
}
