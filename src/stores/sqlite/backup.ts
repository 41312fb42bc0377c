import { open, rename, rm } from "node:fs/promises";
import type SQLite from "better-sqlite3";

/**
 * Copies a database that is in use to a file, which is complete when it appears, and takes the place of another of its
 * name. Source: https://sqlite.org/backup.html
 */
export async function backUp(database: SQLite.Database, file: string): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    const handle = await open(unfinished, "w", 0o600);
    try {
      await database.backup(unfinished);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The backup ${file} could not be written: ${why}`, { cause: error });
  }
}
