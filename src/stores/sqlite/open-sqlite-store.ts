import { resolve } from "node:path";
import pRetry from "p-retry";
import type { Store } from "../../core/store.ts";
import { createStore } from "../store.ts";
import { migrate } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import { Ballast } from "./ballast.ts";
import { openDatabaseFile } from "./database-file.ts";
import { SqliteEngine } from "./sqlite-engine.ts";
import { explain, isBusy } from "./sqlite-failures.ts";

/** Where the store is. */
export interface SqliteStoreOptions {
  /** The file; its folder must exist. */
  readonly path: string;
  /** Room that is kept back for when the disk is full; 4 MiB unless given, none is 0. */
  readonly reserveBytes?: number;
}

/** As much as the log of changes, which must be worked into the database to make room: 1,000 pages of 4 KiB. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 5_000;

/**
 * Opens the store in a file, made or brought to the newest version when need be. Rejects with `StoreUnusable` when it can
 * not be used before somebody changes something, and with `StoreUnavailable` when it can not be had now.
 */
export async function openSqliteStore({ path, reserveBytes = RESERVE_BYTES }: SqliteStoreOptions): Promise<Store> {
  const file = resolve(path);
  try {
    return await pRetry(() => open(file, reserveBytes), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 20,
      maxTimeout: 100,
      maxRetryTime: PATIENCE_MS,
      shouldRetry: ({ error }) => isBusy(error),
    });
  } catch (error) {
    throw explain(error, file);
  }
}

async function open(file: string, reserveBytes: number): Promise<Store> {
  const database = await openDatabaseFile(file);
  const ballast = new Ballast(`${file}.reserve`, reserveBytes);
  const engine = new SqliteEngine({ file, database, ballast });
  try {
    await migrate(engine.db, { store: `The database ${file}`, migrations });
    await ballast.restore();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return createStore(engine);
}
