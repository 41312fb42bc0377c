import { allShardsFailed, NODE_ID, ShardError, type ShardFailure } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { LabIndex, Snapshot } from "./lab-index.ts";
import type { OpenPit } from "./pits.ts";
import type { ReadableShards } from "./rows.ts";

/** What a search reads. */
export interface SearchTarget {
  readonly snapshots: readonly Snapshot[];
  readonly pit: (OpenPit & { readonly next: string }) | undefined;
  readonly isReadable: ReadableShards;
  /** Whether an answer without what some shards hold is one. */
  readonly allowsPartial: boolean;
  /** How much of the documents is looked at before the time is up; 1 for all. */
  readonly share: number;
  readonly now: number;
}

type Work = (target: SearchTarget, shards: JsonObject) => JsonObject;

/**
 * Does the work on the indices that can do it; the others are told in its `_shards`, or throw when there are no more.
 */
export function onShards(target: SearchTarget, work: Work): JsonObject {
  try {
    return work(target, shardsOf(target, []));
  } catch (error) {
    if (!(error instanceof ShardError)) throw error;
    const failures = failuresOf(target, work);
    const able = target.snapshots.filter(({ index: { name } }) => !failures.some(({ index }) => index === name));
    if (able.length === 0 || failures.length === 0 || !target.allowsPartial) throw allShardsFailed(failures);
    return work(only(target, able), shardsOf(target, failures));
  }
}

function failuresOf(target: SearchTarget, work: Work): readonly ShardFailure[] {
  return target.snapshots.flatMap((snapshot) => {
    try {
      work(only(target, [snapshot]), {});
      return [];
    } catch (error) {
      if (error instanceof ShardError) return [{ error, index: snapshot.index.name }];
      throw error;
    }
  });
}

/** Orders that were kept are those of all indices. */
const only = (target: SearchTarget, snapshots: readonly Snapshot[]): SearchTarget => ({
  ...target,
  snapshots,
  pit: target.pit === undefined ? undefined : { ...target.pit, orders: new Map() },
});

function shardsOf({ snapshots, isReadable }: SearchTarget, failures: readonly ShardFailure[]): JsonObject {
  const all = snapshots.flatMap(({ index }) => Array.from({ length: index.shards }, (_, shard) => ({ index, shard })));
  const failed = all.flatMap(({ index, shard }) => {
    const failure = failures.find((each) => each.index === index.name);
    if (failure !== undefined) return [{ shard, index: index.name, node: NODE_ID, reason: failure.error.body }];
    return isReadable(index, shard) ? [] : [failureOf({ index, shard })];
  });
  return {
    total: all.length,
    successful: all.length - failed.length,
    skipped: 0,
    failed: failed.length,
    ...(failed.length > 0 && { failures: failed }),
  };
}

/** What an answer says of a shard that could not be read. */
export const failureOf = ({ index, shard }: { readonly index: LabIndex; readonly shard: number }): JsonObject => ({
  shard,
  index: index.name,
  node: NODE_ID,
  reason: { type: "node_not_connected_exception", reason: "[node-2][127.0.0.1:9301] Node not connected" },
});
