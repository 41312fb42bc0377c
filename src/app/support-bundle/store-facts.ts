import { access } from "node:fs/promises";
import type { StoreConfig } from "../../core/alerting-config.ts";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { inWords } from "../../lib/times.ts";
import { inspectPostgresStore, inspectSqliteStore } from "../../stores/index.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** Figures of the store and of what waits in it, or why there are none; nothing of what it tells. */
export async function storeFacts(store: StoreConfig, names: Pseudonyms, now: number): Promise<object> {
  try {
    if (store.type === "sqlite" && !(await isThere(store.path)))
      return { kind: store.type, state: "there is no file yet" };
    const { conversations, ...facts } =
      store.type === "sqlite"
        ? await inspectSqliteStore(store.path)
        : await inspectPostgresStore(await readSecret(store.url));
    return {
      kind: store.type,
      ...facts,
      queue: conversations.map(({ destination, state, held, count, oldestPendingSince }) => ({
        destination: names.of("destination", destination),
        state,
        ...(held && { held }),
        count,
        ...(state === "pending" && { oldest: inWords(now - oldestPendingSince) }),
      })),
    };
  } catch (thrown) {
    return { kind: store.type, state: `could not be looked into: ${reasonOf(thrown)}` };
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (thrown: unknown) => !(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT"),
  );

/** A code and no sentence: those name the database, and whose it is. */
function reasonOf(thrown: unknown): string {
  const isKnown = thrown instanceof StoreUnavailable || thrown instanceof StoreUnusable;
  const [, code] = (isKnown ? /\(([A-Z0-9_]{3,40})\)/.exec(thrown.message) : null) ?? [];
  return `${thrown instanceof Error ? thrown.name : "fault"}${code === undefined ? "" : ` (${code})`}`;
}
