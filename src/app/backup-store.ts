import type { StoreConfig } from "../core/alerting-config.ts";
import { StoreUnusable } from "../core/delivery-store.ts";
import { copySqliteStore, type StoreCopy } from "../stores/sqlite/copy-store.ts";

/**
 * Copies the configured store to a new file while the service may run, and says what the copy holds. Throws
 * `StoreUnusable` when it is not for Watchkeeper to copy it or somebody must change something first, and
 * `StoreUnavailable` when it can not be done now.
 */
export function backUpStore(store: StoreConfig, to: string): Promise<StoreCopy> {
  if (store.type === "sqlite") return copySqliteStore(store.path, to);
  return Promise.reject(
    new StoreUnusable("The store is in PostgreSQL: back it up with pg_dump, or with its whole server."),
  );
}
