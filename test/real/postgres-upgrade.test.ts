import { join } from "node:path";
import SQLite from "better-sqlite3";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { openPostgresStore } from "../../src/stores/index.ts";
import { migrate } from "../../src/stores/migrate.ts";
import { migrations } from "../../src/stores/migrations/index.ts";
import type { Tables } from "../../src/stores/schema.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres.ts";

const FIXTURES = join(import.meta.dirname, "../e2e/__fixtures__/stores");
const NAMES = Object.keys(migrations).toSorted();
/** In the order in which they refer to each other. */
const TABLES = ["inbound", "alert_groups", "conversations", "attempts", "destinations", "bundles", "changes"] as const;

describeReal("a store of a former version in PostgreSQL", ["postgres", "initdb"], () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { fsync: "off" } });
  });
  afterAll(() => server?.stop());

  // those of the newest version have nothing to be changed
  it.each(NAMES.slice(0, -1).map((_, i) => i + 1))("goes on in this one: with %i of its migrations", async (count) => {
    const url = await server.createDatabase();
    const pool = new pg.Pool({ connectionString: url });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const steps = Object.fromEntries(NAMES.slice(0, count).map((name) => [name, migrations[name] ?? {}]));
    await migrate(db, { store: "it", migrations: steps as typeof migrations, schema: "public" });
    const file = new SQLite(join(FIXTURES, `schema-${count}.db`), { readonly: true });
    const there = new Set(file.prepare("select name from sqlite_master where type = 'table'").pluck().all());
    const written = new Map<string, number>();
    for (const table of TABLES.filter((name) => there.has(name))) {
      const rows = file.prepare(`select * from ${table}`).all() as never[];
      written.set(table, rows.length);
      if (rows.length > 0) await db.insertInto(table).values(rows).execute();
    }
    file.close();
    expect(written.get("conversations")).toBe(3);

    const store = await openPostgresStore({ url: new Secret(url) });
    const groups = await store.groups({ openOnly: false, limit: 10 });
    expect(groups.map(({ labels }) => labels["alertname"]).toSorted()).toEqual(["TestOver", "TestTold", "TestWaiting"]);
    expect(await store.nextDueAt("hook")).toBeTypeOf("number");
    await store.close();
    const { rows } = await pool.query<{ name: string }>("select name from watchkeeper_migrations order by name");
    expect(rows.map(({ name }) => name)).toEqual(NAMES);
    const kept = new Map<string, number>();
    for (const table of written.keys()) {
      const counted = await pool.query<{ rows: string }>(`select count(*) as rows from ${table}`);
      kept.set(table, Number(counted.rows[0]?.rows));
    }
    expect(kept).toEqual(written);
    await db.destroy();
  });
});
