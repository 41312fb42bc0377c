import { randomBytes } from "node:crypto";
import { access, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import SQLite from "better-sqlite3";
import { Kysely } from "kysely";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { executedMigrations } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import type { Tables } from "../schema.ts";
import { refuseUnknown } from "../version.ts";
import { isOurs } from "./database-file.ts";
import { openForReading } from "./open-for-reading.ts";
import { WriterDialect } from "./sqlite-dialect.ts";
import { explain, isDamaged } from "./sqlite-failures.ts";

/** What a copy of a store holds. */
export interface StoreCopy {
  readonly bytes: number;
  readonly conversations: number;
  /** Notifications as they arrived. */
  readonly notifications: number;
  /** Bundles of evidence; none in a store from before there was evidence. */
  readonly bundles: number;
}

/**
 * Copies a store that may be in use to a new file, readable for its owner only, which is complete, sound and on the
 * disk when it appears. The store is only read, and not brought to a newer version. Throws {@link StoreUnusable} when
 * there is none that this version knows or the file exists already, and {@link StoreUnavailable} when it is damaged or
 * nothing can be written.
 * Source: https://sqlite.org/lang_vacuum.html#vacuuminto
 */
export async function copySqliteStore(from: string, to: string): Promise<StoreCopy> {
  await refuseMissing(from);
  await refuseExisting(to);
  // of two copies to the same file each has its own beginning
  const unfinished = `${to}.${randomBytes(4).toString("hex")}.unfinished`;
  await createEmpty(unfinished, to);
  try {
    await copyTo(unfinished, { from, to });
    const copy = await inspect(unfinished, from);
    await refuseExisting(to);
    await putInPlace(unfinished, to);
    return copy;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function refuseMissing(from: string): Promise<void> {
  await access(from).catch((thrown: unknown) => {
    const message =
      codeOf(thrown) === "ENOENT"
        ? `There is no store at ${from}, so there is nothing to back up: \`watchkeeper serve\` makes it when alerting or evidence is configured.`
        : `The store ${from} can not be read (${codeOf(thrown)}): run this as the user that runs Watchkeeper.`;
    throw new StoreUnusable(message, { cause: thrown });
  });
}

async function refuseExisting(to: string): Promise<void> {
  const isThere = await access(to).then(
    () => true,
    () => false,
  );
  if (isThere) throw new StoreUnusable(`${to} exists already and is left as it is: name a new file.`);
}

async function createEmpty(file: string, to: string): Promise<void> {
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (thrown) {
    throw new StoreUnavailable(
      `The backup ${to} can not be written (${codeOf(thrown)}): see that its folder exists and this user may write there.`,
      { cause: thrown },
    );
  }
}

/** One transaction that reads: it sees one moment of the store, and holds up nobody who writes. */
async function copyTo(file: string, { from, to }: { readonly from: string; readonly to: string }): Promise<void> {
  let database: SQLite.Database | undefined;
  try {
    database = await openForReading(from);
    if (!isOurs(database)) throw new StoreUnusable(`The file ${from} is no database of Watchkeeper.`);
    // SQLite takes a new file for a change of the old one
    database.pragma("query_only = off");
    database.prepare("vacuum into ?").run(file);
  } catch (thrown) {
    // a full disk is that of the copy: nothing else is written
    if (!(thrown instanceof SQLite.SqliteError) || isDamaged(thrown)) throw explain(thrown, from);
    const why = `${thrown.message} (${thrown.code})`;
    throw new StoreUnavailable(`The backup ${to} of ${from} could not be made: ${why}`, { cause: thrown });
  } finally {
    database?.close();
  }
}

/** Throws when what was copied is no whole store of a version that is known. */
async function inspect(file: string, from: string): Promise<StoreCopy> {
  const database = new SQLite(file, { readonly: true });
  const db = new Kysely<Tables>({ dialect: new WriterDialect(database) });
  try {
    const [flaw] = flaws(database);
    if (flaw !== undefined)
      throw new StoreUnavailable(
        `The database ${from} is damaged, and no backup was made of it (${flaw}): stop Watchkeeper and restore an older one.`,
      );
    refuseUnknown(`The database ${from}`, await executedMigrations(db), migrations);
    return { bytes: (await stat(file)).size, ...(await countRows(db)) };
  } finally {
    await db.destroy();
  }
}

async function countRows(db: Kysely<Tables>): Promise<Omit<StoreCopy, "bytes">> {
  const tables = new Set((await db.introspection.getTables()).map(({ name }) => name));
  const count = async (table: keyof Tables): Promise<number> => {
    if (!tables.has(table)) return 0;
    const { rows } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    return rows;
  };
  return {
    conversations: await count("conversations"),
    notifications: await count("inbound"),
    bundles: await count("bundles"),
  };
}

/** What is wrong with a database, in SQLite's words. */
function flaws(database: SQLite.Database): readonly string[] {
  const checked = database.pragma("integrity_check") as readonly { integrity_check: string }[];
  const broken = database.pragma("foreign_key_check") as readonly { table: string }[];
  return [
    ...checked.map((row) => row.integrity_check).filter((text) => text !== "ok"),
    ...broken.map(({ table }) => `a row of ${table} has lost what it belongs to`),
  ];
}

async function putInPlace(unfinished: string, to: string): Promise<void> {
  try {
    await sync(unfinished, "r+");
    await rename(unfinished, to);
    // the name is on disk when its folder is
    await sync(dirname(to), "r");
  } catch (thrown) {
    throw new StoreUnavailable(`The backup ${to} could not be written to the end (${codeOf(thrown)}).`, {
      cause: thrown,
    });
  }
}

async function sync(path: string, flags: "r" | "r+"): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
