import type { Kysely } from "kysely";
import type { DestinationState } from "../core/conversation.ts";
import type { ConversationCount } from "../core/delivery-store.ts";
import { listDestinations } from "./destinations.ts";
import { countConversations } from "./listing.ts";
import { executedMigrations } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import type { Tables } from "./schema.ts";

/** A store as it is, whatever version wrote it: figures, and nothing of what it tells. */
export interface StoreInspection {
  /** Version of the database's program. */
  readonly program: string;
  /** Names of the migrations that it has had, and of those that this version knows. */
  readonly executed: readonly string[];
  readonly known: readonly string[];
  /** How many rows each table of ours has. */
  readonly rows: Readonly<Record<string, number>>;
  /** Bytes on the disk, by what they are for. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Empty too where the tables are of a version that counts otherwise; `rows` tells them apart. */
  readonly conversations: readonly ConversationCount[];
  /** What is known of destinations; absent where that can not be read. */
  readonly destinations?: readonly DestinationState[] | undefined;
}

/** The tables of every version that is known, in the order of what is written. */
const TABLES: readonly (keyof Tables)[] = [
  "inbound",
  "alert_groups",
  "conversations",
  "attempts",
  "destinations",
  "heartbeats",
  "bundles",
  "changes",
  "replicas",
  "target_owners",
];

/** What of an inspection every database gives by the same questions; only looks. */
export async function inspectTables(
  db: Kysely<Tables>,
  schema?: string,
): Promise<Omit<StoreInspection, "program" | "bytes">> {
  const tables = await db.introspection.getTables();
  const there = new Set(
    tables.filter((table) => schema === undefined || table.schema === schema).map(({ name }) => name),
  );
  const rows: Record<string, number> = {};
  for (const table of TABLES.filter((name) => there.has(name))) {
    const counted = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    rows[table] = counted.rows;
  }
  return {
    executed: await executedMigrations(db, schema),
    known: Object.keys(migrations),
    rows,
    conversations: "conversations" in rows ? await countConversations(db).catch(() => []) : [],
    destinations: "destinations" in rows ? await listDestinations(db).catch(() => undefined) : undefined,
  };
}
