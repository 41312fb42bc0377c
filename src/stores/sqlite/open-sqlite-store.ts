import { resolve } from "node:path";
import type { Database } from "better-sqlite3";
import type { Store } from "../../core/store.ts";
import { createStore } from "../store.ts";
import { migrate } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import { requireThisVersion } from "../version.ts";
import { Ballast } from "./ballast.ts";
import { openDatabaseFile } from "./database-file.ts";
import { takeSoleUse } from "./sole-use.ts";
import { SqliteEngine } from "./sqlite-engine.ts";
import { explain, whenFree } from "./sqlite-failures.ts";

/** Where the store is. */
export interface SqliteStoreOptions {
  /** The file; its folder must exist. */
  readonly path: string;
  /** Room that is kept back for when the disk is full; 4 MiB unless given, none is 0. */
  readonly reserveBytes?: number;
  /**
   * A service is the only one on its file. A visitor, which may come while the service runs, changes no tables and keeps
   * nothing back. Unless given, it is not known who else there is, as in tests.
   */
  readonly role?: "service" | "visitor";
}

/** As much as the log of changes, which must be worked into the database to make room: 1,000 pages of 4 KiB. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 5_000;

/**
 * Opens the store in a file, made or brought to the newest version when need be. Rejects with `StoreUnusable` when it can
 * not be used before somebody changes something, and with `StoreUnavailable` when it can not be had now.
 */
export async function openSqliteStore({ path, ...options }: SqliteStoreOptions): Promise<Store> {
  const file = resolve(path);
  try {
    return await whenFree(() => open(file, options), PATIENCE_MS);
  } catch (error) {
    throw explain(error, file);
  }
}

async function open(
  file: string,
  { reserveBytes = RESERVE_BYTES, role }: Omit<SqliteStoreOptions, "path">,
): Promise<Store> {
  const database = await openDatabaseFile(file);
  const ballast = new Ballast(`${file}.reserve`, role === "visitor" ? 0 : reserveBytes);
  const soleUse = role === "service" ? await takeSoleUse(file).catch(closing(database)) : undefined;
  const engine = new SqliteEngine({ file, database, ballast, soleUse });
  const options = { store: `The database ${file}`, migrations };
  try {
    await (role === "visitor" ? requireThisVersion(engine.db, options) : migrate(engine.db, options));
    await ballast.restore();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return createStore(engine);
}

const closing =
  (database: Database) =>
  (thrown: unknown): never => {
    database.close();
    throw thrown;
  };
