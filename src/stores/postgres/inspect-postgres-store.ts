import { Kysely, PostgresDialect } from "kysely";
import type { Secret } from "../../core/secret.ts";
import { inspectTables, type StoreInspection } from "../inspect.ts";
import type { Tables } from "../schema.ts";
import { accessTo, createPool } from "./connections.ts";
import { explain } from "./postgres-failures.ts";

/** Looks at a store that may be in use, and changes nothing. Rejects as `openPostgresStore` does. */
export async function inspectPostgresStore(url: Secret): Promise<StoreInspection> {
  const access = accessTo(url);
  const pool = createPool(access);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { rows } = await pool.query<{ program: string; schema: string | null; database: number }>(
      `select current_setting('server_version_num') as program, current_schema() as schema,
        pg_database_size(current_database()) as database`,
    );
    const { program = "", schema, database = 0 } = rows[0] ?? {};
    const tables = await inspectTables(db, schema ?? undefined);
    return { program, ...tables, bytes: { database } };
  } catch (thrown) {
    throw explain(thrown, access.place);
  } finally {
    await db.destroy();
  }
}
