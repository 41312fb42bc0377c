import { access } from "node:fs/promises";
import type { Config } from "../../config/schema.ts";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { inWords } from "../../lib/times.ts";
import { inspectPostgresStore, inspectSqliteStore } from "../../stores/index.ts";
import { destinationReports, type DestinationReport } from "../deliveries/destination-report.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** Figures of the store and of what waits in it, and how destinations do; nothing of what it tells. */
export async function storeFacts({ store, alerting }: Config, names: Pseudonyms, now: number): Promise<object> {
  try {
    if (store.type === "sqlite" && !(await isThere(store.path)))
      return { kind: store.type, state: "there is no file yet" };
    const { conversations, destinations, ...facts } =
      store.type === "sqlite"
        ? await inspectSqliteStore(store.path)
        : await inspectPostgresStore(await readSecret(store.url));
    const configured = alerting?.destinations ?? [];
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
      destinations:
        destinations === undefined
          ? "what is known of them could not be read"
          : destinationReports(configured, destinations, conversations, now).map((one) =>
              destinationFacts(one, names, now),
            ),
    };
  } catch (thrown) {
    return { kind: store.type, state: `could not be looked into: ${reasonOf(thrown)}` };
  }
}

/** As the page of deliveries has it, without the words of the destination. */
function destinationFacts(report: DestinationReport, names: Pseudonyms, now: number): object {
  const { name, type, health, since, until, failure, waiting, held, dead, oldestWaitingSince } = report;
  const ends = health === "paused" ? "pause_ends" : "next_probe";
  return {
    destination: names.of("destination", name),
    ...(type !== undefined && { type }),
    health,
    ...(failure && { reason: failure.reason }),
    ...(since !== undefined && { since: `${inWords(now - since)} ago` }),
    ...(until !== undefined && { [ends]: until > now ? `in ${inWords(until - now)}` : "due" }),
    waiting,
    ...(held > 0 && { held }),
    ...(dead > 0 && { dead }),
    ...(oldestWaitingSince !== undefined && { waits_since: `${inWords(now - oldestWaitingSince)} ago` }),
  };
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
