import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import SQLite from "better-sqlite3";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { BLOCKING_WAIT_MS } from "./database-file.ts";
import { isUnreachable } from "./sqlite-failures.ts";

/** A copy in memory is no larger than this. */
const LARGEST_COPY_BYTES = 1024 ** 3;
/**
 * Where the header of a file says that there is a log of changes beside it. Source:
 * https://sqlite.org/fileformat.html#file_format_version_numbers
 */
const LOGGED = { write: 18, read: 19, yes: 2, no: 1 };

/**
 * Opens a database that is there, and may be in use, to look into it: nothing in it can be changed, and no file is left
 * beside it that was not there. It can be where this user may not write, too. Throws {@link StoreUnusable} when SQLite
 * can not read it there, {@link StoreUnavailable} when it is changed meanwhile, and SQLite's error when it is none.
 */
export async function openForReading(file: string): Promise<SQLite.Database> {
  const log = await sizeOf(`${file}-wal`);
  if (log !== undefined) return openBesideLog(file, log);
  if (!(await isWritable(file))) return openAtRest(file);
  // one that could not write would leave files behind that it could make
  const database = new SQLite(file, { fileMustExist: true, timeout: BLOCKING_WAIT_MS });
  database.pragma("query_only = on");
  return database;
}

/** Whether the file is there, and this user may write it and files beside it. */
export const isWritable = (file: string): Promise<boolean> =>
  Promise.all([
    access(file, constants.R_OK | constants.W_OK),
    access(dirname(file), constants.W_OK | constants.X_OK),
  ]).then(
    () => true,
    () => false,
  );

const sizeOf = (file: string): Promise<number | undefined> =>
  stat(file).then(
    ({ size }) => size,
    () => undefined,
  );

/** One that is in use, or was when its service was killed: closing it must not work its log into it. */
async function openBesideLog(file: string, logBytes: number): Promise<SQLite.Database> {
  const database = new SQLite(file, { readonly: true, timeout: BLOCKING_WAIT_MS });
  try {
    database.pragma("schema_version");
    return database;
  } catch (thrown) {
    database.close();
    if (!isUnreachable(thrown) || (await isWritable(file))) throw thrown;
    if (logBytes === 0) return openAtRest(file);
    throw new StoreUnusable(
      `The database ${file} can not be read by this user: its newest changes are in ${file}-wal, which SQLite reads only where it may write. Run this as the user that runs Watchkeeper, or copy both files to a folder of your own.`,
      { cause: thrown },
    );
  }
}

/**
 * One that nobody uses, where SQLite itself would want to make a log: a copy in memory. Source:
 * https://sqlite.org/c3ref/deserialize.html
 */
async function openAtRest(file: string): Promise<SQLite.Database> {
  const before = await stat(file);
  if (before.size > LARGEST_COPY_BYTES)
    throw new StoreUnusable(
      `The database ${file} is too large to be read without writing beside it: run this as the user that runs Watchkeeper.`,
    );
  const bytes = await readFile(file);
  if (bytes[LOGGED.read] !== LOGGED.yes) return new SQLite(file, { readonly: true, timeout: BLOCKING_WAIT_MS });
  const [after, log] = [await stat(file), await sizeOf(`${file}-wal`)];
  if (after.mtimeMs !== before.mtimeMs || after.size !== before.size || (log ?? 0) > 0)
    throw new StoreUnavailable(`The database ${file} was changed while it was read: try again.`);
  bytes[LOGGED.write] = LOGGED.no;
  bytes[LOGGED.read] = LOGGED.no;
  return new SQLite(bytes, { readonly: true });
}
