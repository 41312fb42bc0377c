import { sql, type Kysely } from "kysely";

/** The tables of the first version. A released migration is never changed: a new one follows it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createJournal(db);
  await createGroups(db);
  await createConversations(db);
  await createSmallTables(db);
}

async function createJournal(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("inbound")
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("content_hash", "text", (column) => column.notNull())
    .addColumn("bucket", "bigint", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("inbound_once", ["content_hash", "bucket", "source"])
    .execute();
  await db.schema.createIndex("inbound_by_age").on("inbound").column("received_at").execute();
}

async function createGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("alert_groups")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("route", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("is_open", "integer", (column) => column.notNull())
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("priority", "integer", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("alert_groups_open")
    .on("alert_groups")
    .columns(["source", "id"])
    .where(sql.ref("is_open"), "=", sql.lit(1))
    .execute();
  await db.schema
    .createIndex("alert_groups_closed")
    .on("alert_groups")
    .column("updated_at")
    .where(sql.ref("is_open"), "=", sql.lit(0))
    .execute();
}

async function createConversations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("conversations")
    .addColumn("id", "text", (column) => column.notNull().primaryKey())
    .addColumn("group_id", "text", (column) => column.notNull().references("alert_groups.id").onDelete("cascade"))
    .addColumn("destination", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull().defaultTo("pending"))
    .addColumn("priority", "integer", (column) => column.notNull())
    .addColumn("desired_revision", "integer", (column) => column.notNull())
    .addColumn("attempted", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("pending_since", "bigint", (column) => column.notNull())
    .addColumn("not_before", "bigint", (column) => column.notNull())
    .addColumn("held", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("rolled_into", "text")
    .addColumn("lease_owner", "text")
    .addColumn("lease_until", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull().defaultTo("{}"))
    .execute();
  await createConversationIndexes(db);
}

async function createConversationIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex("conversations_due")
    .on("conversations")
    .columns(["destination", "priority", "not_before", "id"])
    .where(sql.ref("state"), "=", sql.lit("pending"))
    .execute();
  await db.schema.createIndex("conversations_of_group").on("conversations").column("group_id").execute();
  await db.schema
    .createIndex("conversations_begun")
    .on("conversations")
    .columns(["destination", "created_at"])
    .execute();
  await db.schema
    .createIndex("conversations_of_storm")
    .on("conversations")
    .column("rolled_into")
    .where(sql.ref("rolled_into"), "is not", null)
    .execute();
}

async function createSmallTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("attempts")
    .addColumn("conversation_id", "text", (column) =>
      column.notNull().references("conversations.id").onDelete("cascade"),
    )
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("attempts_of_conversation")
    .on("attempts")
    .columns(["conversation_id", "started_at"])
    .execute();
  await db.schema.createIndex("attempts_by_age").on("attempts").column("started_at").execute();
  await db.schema
    .createTable("destinations")
    .addColumn("destination", "text", (column) => column.notNull().primaryKey())
    .addColumn("doc", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("heartbeats")
    .addColumn("source", "text", (column) => column.notNull().primaryKey())
    .addColumn("seen_at", "bigint", (column) => column.notNull())
    .execute();
}
