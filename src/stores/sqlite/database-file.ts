import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import SQLite from "better-sqlite3";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { isForeign } from "./sqlite-failures.ts";

/** "Wkpr", by which a file of ours is known. Source: https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x57_6b_70_72;
/** How long SQLite itself waits for a lock: the whole process stands still meanwhile. */
export const BLOCKING_WAIT_MS = 20;
/** The log of changes is cut down to this after a storm. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;
/** Failures that may be over when it is tried again. */
const PASSING: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EAGAIN"]);

/** Whether the file is a store of Watchkeeper. */
export const isOurs = (database: SQLite.Database): boolean =>
  database.pragma("application_id", { simple: true }) === APPLICATION_ID;

/**
 * Opens the file, or makes it, readable for its owner only. Throws {@link StoreUnusable} when there can be none or it
 * belongs to another program, which is left as it is, and SQLite's error when it can not be had now.
 */
export async function openDatabaseFile(file: string): Promise<SQLite.Database> {
  await ensureFile(file);
  const database = new SQLite(file, { timeout: BLOCKING_WAIT_MS });
  try {
    refuseForeign(database, file);
    configure(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** Makes the file when it is missing; throws as {@link openDatabaseFile} does. */
export async function ensureFile(file: string): Promise<void> {
  const folder = dirname(file);
  await access(folder, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    const what =
      error.code === "ENOENT"
        ? "does not exist: create it, for the user that runs Watchkeeper"
        : `can not be written by the user that runs Watchkeeper (${error.code}): give it to that user, or set store.sqlite.path`;
    throw new StoreUnusable(`The folder ${folder} of the database ${what}.`, { cause: error });
  });
  try {
    // one that is there is not opened: POSIX drops the locks of the whole process at any close of a file
    if (await isFile(file)) return await access(file, constants.R_OK | constants.W_OK);
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    await handle.close();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const Kind = PASSING.has(code) ? StoreUnavailable : StoreUnusable;
    throw new Kind(`The database ${file} can not be opened for writing (${code}).`, { cause: error });
  }
}

/** Throws {@link StoreUnusable} for a database that is another program's; an empty one may become ours. */
export function refuseForeign(database: SQLite.Database, file: string): void {
  try {
    if (isOurs(database)) return;
    const isUnclaimed = database.pragma("application_id", { simple: true }) === 0;
    const isEmpty = database.prepare("select 1 from sqlite_schema limit 1").get() === undefined;
    if (isUnclaimed && isEmpty) return;
  } catch (error) {
    if (!isForeign(error)) throw error;
  }
  throw new StoreUnusable(`The file ${file} is no database of Watchkeeper: give the path of one, or of a new file.`);
}

function configure(database: SQLite.Database, file: string): void {
  const mode = database.pragma("journal_mode = wal", { simple: true });
  if (mode !== "wal") {
    throw new StoreUnusable(`The database ${file} can have no write-ahead log there: put it on a local disk.`);
  }
  // each commit is on disk: https://sqlite.org/pragma.html#pragma_synchronous
  database.pragma("synchronous = full");
  database.pragma("foreign_keys = on");
  database.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
  // even the same value would be written anew, into a store that may be refused for its version
  if (!isOurs(database)) database.pragma(`application_id = ${APPLICATION_ID}`);
}
