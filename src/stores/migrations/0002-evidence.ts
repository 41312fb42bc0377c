import type { Kysely } from "kysely";

/** Bundles of evidence, and the changes that were told by the API. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createBundles(db);
  await createChanges(db);
}

async function createBundles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bundles")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("group_id", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("head", "text", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("bundles_by_age").on("bundles").columns(["created_at", "id"]).execute();
  await db.schema.createIndex("bundles_of_group").on("bundles").columns(["group_id", "created_at"]).execute();
}

async function createChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("changes")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("saved_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("changes_by_time").on("changes").columns(["at", "id"]).execute();
  await db.schema.createIndex("changes_by_age").on("changes").column("saved_at").execute();
}
