import type { Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { StoreUnusable } from "../core/delivery-store.ts";
import type { Tables } from "./schema.ts";

const MIGRATIONS = "watchkeeper_migrations";

/** What is to be migrated. */
export interface MigrateOptions {
  /** Name of the store for people. */
  readonly store: string;
  readonly migrations: Readonly<Record<string, Migration>>;
  /** The schema of PostgreSQL that holds the tables. */
  readonly schema?: string;
}

/**
 * Brings the tables to the newest version, all in one transaction. Throws {@link StoreUnusable} when the store was
 * written by a newer version of Watchkeeper, and what the database says when a step fails; nothing is changed then.
 */
export async function migrate(db: Kysely<Tables>, options: MigrateOptions): Promise<void> {
  await refuseNewer(db, options);
  const { migrations, schema } = options;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: MIGRATIONS,
    migrationLockTableName: `${MIGRATIONS}_lock`,
    ...(schema !== undefined && { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** Throws {@link StoreUnusable} when the store was written by a newer version of Watchkeeper; only looks. */
export async function refuseNewer(db: Kysely<Tables>, { store, migrations, schema }: MigrateOptions): Promise<void> {
  const unknown = (await executedMigrations(db, schema)).filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new StoreUnusable(
    `${store} was written by a newer version of Watchkeeper (it has ${unknown.join(", ")}): start that version, or go back to a backup from before it`,
  );
}

/** Names of the migrations that a store has had, in their order; none when it has no tables of ours. */
export async function executedMigrations(db: Kysely<Tables>, schema?: string): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const isThere = tables.some(
    (table) => table.name === MIGRATIONS && (schema === undefined || table.schema === schema),
  );
  if (!isThere) return [];
  const rows = await db
    .withTables<{ [MIGRATIONS]: { name: string } }>()
    .selectFrom(MIGRATIONS)
    .select("name")
    .orderBy("name")
    .execute();
  return rows.map(({ name }) => name);
}
