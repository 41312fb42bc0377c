import type { Json, JsonObject } from "./json.ts";
import type { Snapshot } from "./lab-index.ts";
import { NO_MATCH, type Query } from "./matcher.ts";
import { byIndex, matching, type ReadableShards, type Rows } from "./rows.ts";

/** What an aggregation looks at. */
export interface Scope {
  readonly rows: readonly Rows[];
  /** All documents that the search could have found, for backgrounds. */
  readonly snapshots: readonly Snapshot[];
  readonly isReadable: ReadableShards;
  /** Only looks whether all can be counted, also in buckets that are not there. */
  readonly isProbe: boolean;
}

/** An aggregation that was read. */
export type Aggregation = (scope: Scope) => JsonObject;

/** Makes a bucket: its count, and the aggregations in it. */
export type Bucketing = (scope: Scope) => { readonly doc_count: number; readonly [name: string]: Json };

/** What of the scope a query matches. */
export function filtered(scope: Scope, query: Query): Scope {
  const rows = scope.rows.map(({ index, docs }) => {
    const matcher = query(index);
    return { index, docs: docs.filter((doc) => matcher(doc) !== NO_MATCH) };
  });
  return { ...scope, rows };
}

/** What of all documents a query matches. */
export function background({ snapshots, isReadable, isProbe }: Scope, query: Query): readonly Rows[] {
  const indices = snapshots.map(({ index }) => index);
  return byIndex(isProbe ? [] : matching(snapshots, query, isReadable), indices);
}
