import { access } from "node:fs/promises";
import type { StoreConfig } from "../core/alerting-config.ts";
import { StoreUnusable } from "../core/delivery-store.ts";
import type { Store } from "../core/store.ts";
import { readSecret } from "../lib/secret-source.ts";
import { openPostgresStore, openSqliteStore } from "../stores/index.ts";

/** How a store is opened. */
export interface OpenStoreOptions {
  /**
   * Only look into the store that a service of this version made, which may be running: none is made, none is brought
   * to this version, and no room on the disk is kept back.
   */
  readonly asVisitor?: boolean;
}

/**
 * Opens the configured store. Rejects with `StoreUnusable` when it can not be used before somebody changes something,
 * and with `StoreUnavailable` when it can not be had now.
 */
export async function openStore(config: StoreConfig, { asVisitor = false }: OpenStoreOptions = {}): Promise<Store> {
  if (config.type === "postgres") {
    const url = await readSecret(config.url).catch((thrown: unknown) => {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new StoreUnusable(`The URL of the database can not be read: ${why}`, { cause: thrown });
    });
    return openPostgresStore({ url, asVisitor });
  }
  if (!asVisitor) return openSqliteStore({ path: config.path, role: "service" });
  await access(config.path).catch((thrown: unknown) => {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    const message =
      code === "ENOENT"
        ? `There is no store at ${config.path} yet: \`watchkeeper serve\` makes it when alerting is configured.`
        : `The store ${config.path} can not be read (${code}): run this as the user that runs Watchkeeper.`;
    throw new StoreUnusable(message, { cause: thrown });
  });
  return openSqliteStore({ path: config.path, role: "visitor" });
}
