import pg from "pg";
import { Secret } from "../../src/core/secret.ts";
import { openPostgresStore } from "../../src/stores/postgres/open-postgres-store.ts";
import type { ConversationRow, GroupRow, InboundRow } from "../../src/stores/schema.ts";
import { MOST_BYTES, rateOfWriting, sortOut, type Written } from "./written.ts";

/** What services that have ended wrote to their database. */
export async function readPostgres(url: string): Promise<Written> {
  return withClient(url, async (client) => {
    const all = async (text: string): Promise<unknown[]> => (await client.query(text)).rows as unknown[];
    const inbound = (await all(`
      select * from (select *, sum(length(body)) over (order by received_at, content_hash) as bytes from inbound) as one
      where bytes < ${MOST_BYTES} order by received_at, content_hash`)) as InboundRow[];
    const groups = (await all("select * from alert_groups")) as GroupRow[];
    const conversations = (await all("select * from conversations")) as ConversationRow[];
    return sortOut({ inbound, groups, conversations });
  });
}

/** Writes the same rows in the same transactions by the driver itself, each synced; gives webhooks in a second. */
export async function postgresLimit(written: Written, url: string, forMs: number): Promise<number> {
  // for its tables and their indexes
  await (await openPostgresStore({ url: new Secret(url) })).close();
  return withClient(url, (client) =>
    rateOfWriting(written, forMs, async (transaction) => {
      await client.query("begin");
      await upsert(
        client,
        "inbound",
        transaction.map(({ inbound }) => inbound),
        "content_hash, bucket, source",
      );
      await upsert(client, "alert_groups", newest(transaction.map(({ group }) => group)), "id");
      await upsert(client, "conversations", newest(transaction.map(({ conversation }) => conversation)), "id");
      await client.query("commit");
    }),
  );
}

/** One statement for all rows, which is the fastest. */
async function upsert(client: pg.Client, table: string, rows: readonly object[], key: string): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).filter((name) => name !== "bytes");
  const changes = columns.filter((name) => !key.split(", ").includes(name)).map((name) => `${name} = excluded.${name}`);
  const text = `insert into ${table} (${columns.join(", ")})
    select ${columns.join(", ")} from jsonb_populate_recordset(null::${table}, $1)
    on conflict (${key}) do update set ${changes.join(", ")}`;
  await client.query({ name: table, text, values: [JSON.stringify(rows)] });
}

const newest = <Row extends { readonly id: string }>(rows: readonly Row[]): readonly Row[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
