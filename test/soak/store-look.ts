import SQLite from "better-sqlite3";

/** Rows of a store, how many were deleted, and how old the oldest is of what is deleted some time. */
export interface StoreLook {
  readonly rows: Readonly<Record<string, number>>;
  readonly deleted: Readonly<Record<string, number>>;
  /** Unix milliseconds; undefined when there is no row. */
  readonly oldest: Readonly<Record<string, number | undefined>>;
}

/** By table, the column of the time by which rows are deleted; of groups those count that are closed. */
const AGES = {
  inbound: "received_at",
  attempts: "started_at",
  alert_groups: "updated_at",
  conversations: "created_at",
  bundles: "created_at",
  changes: "saved_at",
} as const;

/** Reads the file of a store that nobody has open. */
export function readStore(file: string): StoreLook {
  const database = new SQLite(file, { readonly: true });
  try {
    const ask = (sql: string): unknown => database.prepare(sql).pluck().get();
    const entries = Object.entries(AGES);
    const numbers = (of: string) =>
      Object.fromEntries(entries.map(([table]) => [table, Number(ask(`select ${of} from ${table}`))]));
    return {
      rows: numbers("count(*)"),
      // rows are numbered as they come, and the newest is there still. Source: https://sqlite.org/autoinc.html
      deleted: numbers("coalesce(max(rowid), 0) - count(*)"),
      oldest: Object.fromEntries(
        entries.map(([table, column]) => [table, (ask(`select min(${column}) from ${table}`) ?? undefined) as number]),
      ),
    };
  } finally {
    database.close();
  }
}
