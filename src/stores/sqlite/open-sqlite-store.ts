import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Database } from "better-sqlite3";
import { Kysely } from "kysely";
import type { Store } from "../../core/store.ts";
import { createStore } from "../store.ts";
import { migrate, refuseNewer, type MigrateOptions } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import type { Tables } from "../schema.ts";
import { requireThisVersion } from "../version.ts";
import { Ballast } from "./ballast.ts";
import { ensureFile, openDatabaseFile, refuseForeign } from "./database-file.ts";
import { isWritable, openForReading } from "./open-for-reading.ts";
import { takeSoleUse } from "./sole-use.ts";
import { WriterDialect } from "./sqlite-dialect.ts";
import { SqliteEngine } from "./sqlite-engine.ts";
import { explain, whenFree } from "./sqlite-failures.ts";

/** Where the store is. */
export interface SqliteStoreOptions {
  /** The file; its folder must exist. */
  readonly path: string;
  /** Room that is kept back for when the disk is full; 4 MiB unless given, none is 0. */
  readonly reserveBytes?: number;
  /**
   * A service is the only one on its file. A visitor, which may come while the service runs, changes no tables and
   * keeps nothing back. Unless given, it is not known who else there is, as in tests.
   */
  readonly role?: "service" | "visitor";
}

/** As much as the log of changes, which must be worked into the database to make room: 1,000 pages of 4 KiB. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 5_000;

/**
 * Opens the store in a file, made or brought to the newest version when need be. Rejects with `StoreUnusable` when it
 * can not be used before somebody changes something, and with `StoreUnavailable` when it can not be had now.
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
  const isVisitor = role === "visitor";
  // where nothing can be written there is still something to see
  const mayWrite = !isVisitor || !existsSync(file) || (await isWritable(file));
  if (mayWrite) await ensureFile(file);
  await checkVersion(file, isVisitor);
  const database = mayWrite ? await openDatabaseFile(file) : await openForReading(file);
  const ballast = new Ballast(`${file}.reserve`, isVisitor ? 0 : reserveBytes);
  const soleUse = role === "service" ? await takeSoleUse(file).catch(closing(database)) : undefined;
  const engine = new SqliteEngine({ file, database, ballast, soleUse });
  try {
    if (!isVisitor) await migrate(engine.db, optionsFor(file));
    await ballast.restore();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return createStore(engine);
}

const optionsFor = (file: string): MigrateOptions => ({ store: `The database ${file}`, migrations });

/** Before anything else: a store that is refused for its version is left as it is, to the last byte. */
async function checkVersion(file: string, isVisitor: boolean): Promise<void> {
  const database = await openForReading(file);
  try {
    refuseForeign(database, file);
    const db = new Kysely<Tables>({ dialect: new WriterDialect(database) });
    await (isVisitor ? requireThisVersion : refuseNewer)(db, optionsFor(file));
  } finally {
    database.close();
  }
}

const closing =
  (database: Database) =>
  (thrown: unknown): never => {
    database.close();
    throw thrown;
  };
