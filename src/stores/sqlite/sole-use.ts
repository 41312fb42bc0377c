import SQLite from "better-sqlite3";
import { StoreUnusable } from "../../core/delivery-store.ts";
import { BLOCKING_WAIT_MS, ensureFile } from "./database-file.ts";
import { isBusy, whenFree } from "./sqlite-failures.ts";

/** The right to be the only service on a database. */
export interface SoleUse {
  end(): void;
}

/**
 * Longer than a service takes that was told to stop, whose deliveries get 10 s, so that its successor may be started
 * meanwhile.
 */
const PATIENCE_MS = 15_000;

/**
 * Takes the right to be the only service on a database: an exclusive lock of SQLite on an empty file beside it, which
 * the system takes back however the process ends, and which containers on one machine see of each other. Visitors of
 * the database do not ask for it. Rejects with {@link StoreUnusable} while another service has it.
 * Source: https://sqlite.org/lockingv3.html
 */
export async function takeSoleUse(file: string): Promise<SoleUse> {
  const path = `${file}.lock`;
  await ensureFile(path);
  const lock = new SQLite(path, { timeout: BLOCKING_WAIT_MS });
  try {
    // nothing is ever written, and there is to be no file of what might be taken back
    await whenFree(() => lock.exec("pragma journal_mode = memory; begin exclusive"), PATIENCE_MS);
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StoreUnusable(
      `The database ${file} is in use by another Watchkeeper that runs: stop that one, or give this one a file of its own by store.sqlite.path. Several on one store need PostgreSQL.`,
      { cause: error },
    );
  }
  return { end: () => void lock.close() };
}
