import SQLite from "better-sqlite3";

/** Rows of a store, and how old the oldest is of what is deleted some time. */
export interface StoreLook {
  readonly rows: Readonly<Record<string, number>>;
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
} as const;

/** Reads the file of a store that nobody has open. */
export function readStore(file: string): StoreLook {
  const database = new SQLite(file, { readonly: true });
  try {
    const ask = (sql: string): unknown => database.prepare(sql).pluck().get();
    const entries = Object.entries(AGES);
    return {
      rows: Object.fromEntries(entries.map(([table]) => [table, Number(ask(`select count(*) from ${table}`))])),
      oldest: Object.fromEntries(
        entries.map(([table, column]) => [table, (ask(`select min(${column}) from ${table}`) ?? undefined) as number]),
      ),
    };
  } finally {
    database.close();
  }
}
