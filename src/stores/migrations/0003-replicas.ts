import type { Kysely } from "kysely";

/** Replicas that divide the targets, and which target belongs to which. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("replicas")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("beat", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("targets", "text", (column) => column.notNull())
    .addColumn("joined_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("target_owners")
    .addColumn("target", "text", (column) => column.notNull().primaryKey())
    .addColumn("replica", "text", (column) => column.notNull().references("replicas.id").onDelete("cascade"))
    .execute();
  await db.schema.createIndex("targets_of_replica").on("target_owners").column("replica").execute();
}
