import type { Kysely } from "kysely";
import { StoreUnusable } from "../core/delivery-store.ts";
import { executedMigrations, type MigrateOptions } from "./migrate.ts";
import type { Tables } from "./schema.ts";

/**
 * Looks whether the tables are those of this version, for who only visits a store: its service may be of another
 * version, and bringing them to this one would pull them from under it. Throws {@link StoreUnusable} when they are not.
 */
export async function requireThisVersion(
  db: Kysely<Tables>,
  { store, migrations, schema }: MigrateOptions,
): Promise<void> {
  const executed = await executedMigrations(db, schema);
  refuseUnknown(store, executed, migrations);
  const missing = Object.keys(migrations).filter((name) => !executed.includes(name));
  if (missing.length > 0)
    throw new StoreUnusable(
      `${store} is of an older version of Watchkeeper (it lacks ${missing.join(", ")}): start the service of this version first, which changes it, or use the commands of the version that runs.`,
    );
}

/** Throws {@link StoreUnusable} for a store without tables, and for one that a newer version wrote. */
export function refuseUnknown(
  store: string,
  executed: readonly string[],
  migrations: MigrateOptions["migrations"],
): void {
  if (executed.length === 0)
    throw new StoreUnusable(`${store} has no tables yet: start the service, which makes them.`);
  const unknown = executed.filter((name) => !(name in migrations));
  if (unknown.length > 0)
    throw new StoreUnusable(
      `${store} was written by a newer version of Watchkeeper (it has ${unknown.join(", ")}): use the commands of that version.`,
    );
}
