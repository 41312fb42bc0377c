import type { Secret } from "../core/secret.ts";
import type { Store } from "../core/store.ts";
import type { StoreInspection } from "./inspect.ts";
import type { PostgresStoreOptions } from "./postgres/open-postgres-store.ts";
import type { SqliteStoreOptions } from "./sqlite/open-sqlite-store.ts";

// each is loaded only where it is used: the drivers are large

/** See `sqlite/open-sqlite-store.ts`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return (await import("./sqlite/open-sqlite-store.ts")).openSqliteStore(options);
}

/** See `postgres/open-postgres-store.ts`. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  return (await import("./postgres/open-postgres-store.ts")).openPostgresStore(options);
}

/** See `sqlite/inspect-sqlite-store.ts`. */
export async function inspectSqliteStore(path: string): Promise<StoreInspection> {
  return (await import("./sqlite/inspect-sqlite-store.ts")).inspectSqliteStore(path);
}

/** See `postgres/inspect-postgres-store.ts`. */
export async function inspectPostgresStore(url: Secret): Promise<StoreInspection> {
  return (await import("./postgres/inspect-postgres-store.ts")).inspectPostgresStore(url);
}
