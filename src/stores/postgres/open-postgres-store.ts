import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { StoreUnusable } from "../../core/delivery-store.ts";
import type { Secret } from "../../core/secret.ts";
import type { Store } from "../../core/store.ts";
import { migrate } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import type { Tables } from "../schema.ts";
import { createStore } from "../store.ts";
import { requireThisVersion } from "../version.ts";
import { accessTo, quiet, type Access } from "./connections.ts";
import { PostgresEngine } from "./postgres-engine.ts";
import { explain } from "./postgres-failures.ts";

/** Where the store is. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and the like as libpq has them. */
  readonly url: Secret;
  /** Only look into the store of a service, which may be running: no table is made or changed. */
  readonly asVisitor?: boolean;
}

/**
 * Opens the store in a database of PostgreSQL 12 or newer, and makes or changes its tables when need be; any number of
 * replicas may do so at once. A pooler in between must keep a session for each connection. Rejects with `StoreUnusable`
 * when it can not be used before somebody changes something, and with `StoreUnavailable` when it can not be had now.
 */
export async function openPostgresStore({ url, asVisitor = false }: PostgresStoreOptions): Promise<Store> {
  const access = accessTo(url);
  try {
    await prepare(access, asVisitor);
  } catch (error) {
    throw refusal(error, access.place) ?? explain(error, access.place);
  }
  return createStore(new PostgresEngine(access));
}

/**
 * Looks at the database and brings its tables to the newest version unless it is only visited, on a connection that may
 * take its time.
 */
async function prepare({ config, place }: Access, asVisitor: boolean): Promise<void> {
  const pool = new pg.Pool({ ...config, query_timeout: 0, max: 1 });
  quiet(pool);
  pool.on("connect", quiet);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { rows } = await pool.query<{ encoding: string; schema: string | null }>(
      "select current_setting('server_encoding') as encoding, current_schema() as schema",
    );
    const { encoding, schema } = rows[0] ?? {};
    if (encoding !== "UTF8") {
      throw new StoreUnusable(`The database ${place} is in ${encoding}: create one with ENCODING 'UTF8'.`);
    }
    if (typeof schema !== "string") {
      throw new StoreUnusable(`The database ${place} has no schema for its tables: see search_path of its user.`);
    }
    const options = { store: `The database ${place}`, migrations, schema };
    await (asVisitor ? requireThisVersion(db, options) : migrate(db, options));
  } finally {
    await db.destroy();
  }
}

/** What only a person can change. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSALS: Readonly<Record<string, string>> = {
  "28P01": "it refuses the user or the password",
  "28000": "it refuses the user: see its pg_hba.conf",
  "3D000": "there is no such database: create it",
  "42501": "the user may not create tables in it: make the user its owner",
  "42P07": "it has tables of another program: give Watchkeeper a database of its own",
};

function refusal(thrown: unknown, place: string): StoreUnusable | undefined {
  const code = thrown instanceof pg.DatabaseError ? thrown.code : undefined;
  // the driver's own words for that: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/crypto/sasl.js
  if (thrown instanceof Error && thrown.message.startsWith("SASL: ")) {
    return new StoreUnusable(
      `The database ${place} can not be used: it asks for a password, and the URL has none for it.`,
    );
  }
  const words = code === undefined ? undefined : REFUSALS[code];
  return words === undefined
    ? undefined
    : new StoreUnusable(`The database ${place} can not be used: ${words} (${code}).`);
}
