import type { Catalog, Leniency } from "./catalog.ts";
import type { ElasticsearchTrouble } from "./contract.ts";
import { ElasticError, illegal } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import type { Snapshot } from "./lab-index.ts";
import type { Pits } from "./pits.ts";
import { onlyFields } from "./read.ts";
import { failureOf, type SearchTarget } from "./shards.ts";
import { readableUnder, shareUnder } from "./troubles.ts";

/** All that the server knows. */
export interface LabState {
  readonly version: string;
  readonly catalog: Catalog;
  readonly pits: Pits;
  readonly now: number;
  trouble: ElasticsearchTrouble | undefined;
}

/** What a search by names of indices reads. */
export function indexTarget(state: LabState, names: string, leniency: Leniency, allowsPartial: boolean): SearchTarget {
  const snapshots = state.catalog.resolve(names, leniency).map((index) => index.snapshot());
  return targetOf(state, snapshots, undefined, allowsPartial);
}

/** What a search in a point in time reads. */
export function pitTarget(state: LabState, said: Json, allowsPartial: boolean): SearchTarget {
  if (!isObject(said) || typeof said["id"] !== "string") throw illegal("[pit] needs an [id]");
  onlyFields(said, ["id", "keep_alive"], "pit");
  const keepAlive = typeof said["keep_alive"] === "string" ? said["keep_alive"] : undefined;
  const [pit, next] = state.pits.use(said["id"], keepAlive);
  return targetOf(state, pit.snapshots, { ...pit, next }, allowsPartial);
}

function targetOf(
  state: LabState,
  snapshots: readonly Snapshot[],
  pit: SearchTarget["pit"],
  allowsPartial: boolean,
): SearchTarget {
  const isReadable = readableUnder(state.trouble);
  const shards = snapshots.flatMap(({ index }) =>
    Array.from({ length: index.shards }, (_, shard) => ({ index, shard })),
  );
  const failed = shards.filter(({ index, shard }) => !isReadable(index, shard));
  if (failed.length > 0 && (failed.length === shards.length || !allowsPartial))
    throw new ElasticError(
      "search_phase_execution_exception",
      failed.length === shards.length ? "all shards failed" : "Partial shards failure",
      {
        status: 503,
        details: { phase: "query", grouped: true, failed_shards: failed.map(failureOf) },
      },
    );
  return { snapshots, pit, isReadable, allowsPartial, share: shareUnder(state.trouble), now: state.now };
}
