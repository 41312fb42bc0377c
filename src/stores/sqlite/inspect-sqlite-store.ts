import { stat } from "node:fs/promises";
import type { Database } from "better-sqlite3";
import { Kysely } from "kysely";
import { StoreUnusable } from "../../core/delivery-store.ts";
import { inspectTables, type StoreInspection } from "../inspect.ts";
import type { Tables } from "../schema.ts";
import { isOurs } from "./database-file.ts";
import { openForReading } from "./open-for-reading.ts";
import { WriterDialect } from "./sqlite-dialect.ts";
import { explain } from "./sqlite-failures.ts";

/** Looks at a store that may be in use, and changes nothing. Rejects as `openSqliteStore` does. */
export async function inspectSqliteStore(path: string): Promise<StoreInspection> {
  let database: Database | undefined;
  try {
    database = await openForReading(path);
    if (!isOurs(database)) throw new StoreUnusable(`The file ${path} is no database of Watchkeeper.`);
    const db = new Kysely<Tables>({ dialect: new WriterDialect(database) });
    const pragma = (name: string): number => Number(database?.pragma(name, { simple: true }));
    return {
      program: String(database.prepare("select sqlite_version()").pluck().get()),
      ...(await inspectTables(db)),
      bytes: { ...(await fileSizes(path)), free: pragma("freelist_count") * pragma("page_size") },
    };
  } catch (thrown) {
    throw explain(thrown, path);
  } finally {
    database?.close();
  }
}

/** Of the files that are there. */
async function fileSizes(path: string): Promise<Readonly<Record<string, number>>> {
  const files = { database: path, log: `${path}-wal`, reserve: `${path}.reserve` };
  const found = Object.entries(files).map(async ([name, file]): Promise<[string, number][]> => {
    const stats = await stat(file).catch(() => undefined);
    return stats === undefined ? [] : [[name, stats.size]];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}
