import type { LabIndex, Snapshot } from "./lab-index.ts";
import { NO_MATCH, type Query } from "./matcher.ts";

/** Documents of one index. */
export interface Rows {
  readonly index: LabIndex;
  readonly docs: readonly number[];
}

/** A document that matched. */
export interface Row {
  readonly index: LabIndex;
  readonly doc: number;
  readonly score: number;
  /** Which index of the search it is in, and the document: its place when nothing else orders it. */
  readonly place: number;
}

/** Which shards of an index can be read. */
export type ReadableShards = (index: LabIndex, shard: number) => boolean;

/** The documents of snapshots that a query matches, in their order. */
export function matching(snapshots: readonly Snapshot[], query: Query, isReadable: ReadableShards): readonly Row[] {
  const rows: Row[] = [];
  for (const [at, { index, end, gone }] of snapshots.entries()) {
    const matcher = query(index);
    const readable = Array.from({ length: index.shards }, (_, shard) => isReadable(index, shard));
    for (let doc = 0; doc < end; doc += 1) {
      if (gone.has(doc) || readable[doc % index.shards] === false) continue;
      const score = matcher(doc);
      if (score !== NO_MATCH) rows.push({ index, doc, score, place: at * 2 ** 32 + doc });
    }
  }
  return rows;
}

/** The same documents, by index, also for those that have none of them. */
export function byIndex(rows: readonly Row[], indices: readonly LabIndex[]): readonly Rows[] {
  const found = new Map<LabIndex, number[]>(indices.map((index) => [index, []]));
  for (const { index, doc } of rows) {
    const docs = found.get(index);
    if (docs === undefined) found.set(index, [doc]);
    else docs.push(doc);
  }
  return [...found].map(([index, docs]) => ({ index, docs }));
}
