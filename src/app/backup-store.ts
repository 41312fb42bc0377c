import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { StoreConfig } from "../core/alerting-config.ts";
import { StoreUnavailable, StoreUnusable } from "../core/delivery-store.ts";
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

/**
 * Writes a copy of the configured store to a stream, once the copy is whole and checked; it lies beside the store
 * meanwhile, so there must be room for both. Throws as {@link backUpStore} does, and for a terminal or a reader that
 * goes away.
 */
export async function streamStore(store: StoreConfig, out: NodeJS.WriteStream): Promise<StoreCopy> {
  if (out.isTTY) throw new StoreUnusable("A backup is no text for a terminal: send standard output to a file.");
  const suffix = `${randomBytes(4).toString("hex")}.copy`;
  const beside = store.type === "sqlite" ? `${store.path}.${suffix}` : suffix;
  const copy = await backUpStore(store, beside);
  const handle = await open(beside);
  // it goes away with this process, however that ends
  await rm(beside);
  try {
    await pipeline(handle.createReadStream(), out, { end: false });
  } catch (thrown) {
    const why = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    throw new StoreUnavailable(`The backup was not written to the end of standard output (${why}): make it anew.`, {
      cause: thrown,
    });
  }
  return copy;
}
