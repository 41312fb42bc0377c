import { readAggregations } from "./aggregation.ts";
import { illegal, invalid, parsing, shardIllegal } from "./errors.ts";
import { readFetch } from "./fetch.ts";
import { isObject, listOf, type Json, type JsonObject } from "./json.ts";
import type { Snapshot } from "./lab-index.ts";
import type { OpenPit } from "./pits.ts";
import { readQuery } from "./query.ts";
import { wholeAt } from "./read.ts";
import { byIndex, matching, type Row } from "./rows.ts";
import { onShards, type SearchTarget } from "./shards.ts";
import {
  checkKeys,
  comparer,
  printValues,
  readSearchAfter,
  readSort,
  withValues,
  type SortKey,
  type SortedRow,
} from "./sort.ts";

const KNOWN = new Set([
  "query",
  "size",
  "from",
  "sort",
  "search_after",
  "fields",
  "docvalue_fields",
  "_source",
  "track_total_hits",
  "track_scores",
  "aggs",
  "aggregations",
  "pit",
  "timeout",
  "slice",
  "terminate_after",
  "version",
  "seq_no_primary_term",
  "stored_fields",
  "explain",
]);
const INERT = new Set(["terminate_after", "version", "seq_no_primary_term", "explain"]);
const WINDOW = 10_000;

/** Refuses what the lab does not know of a search's body. */
export function checkBody(body: JsonObject): void {
  for (const [name, value] of Object.entries(body)) {
    if (!KNOWN.has(name)) throw parsing(`Unknown key for a ${tokenOf(value)} in [${name}].`);
    if (INERT.has(name) && value !== false && value !== 0)
      throw parsing(`the lab does not emulate [${name}] of a search`);
  }
}

/** Carries a search out and gives its answer; throws what Elasticsearch refuses it with. */
export function search(body: JsonObject, target: SearchTarget): JsonObject {
  const { pit } = target;
  const [size, from] = [wholeAt(body["size"], 10, "size"), wholeAt(body["from"], 0, "from")];
  const keys = sortKeys(body, pit !== undefined);
  const after = body["search_after"] === undefined ? undefined : listOf(body["search_after"]);
  if (size < 0 || from < 0)
    throw illegal(`[${size < 0 ? "size" : "from"}] parameter cannot be negative, found [${Math.min(size, from)}]`);
  if (after !== undefined && from > 0) throw invalid("[from] parameter must be set to 0 when [search_after] is used");
  const query = readQuery(body["query"] ?? { match_all: {} }, target);
  const aggregations = readAggregations(body["aggs"] ?? body["aggregations"], target);
  const fetch = readFetch(body);
  const hasAggregations = (body["aggs"] ?? body["aggregations"]) !== undefined;
  return onShards(target, ({ snapshots, pit: orders }, _shards) => {
    const indices = snapshots.map(({ index }) => index);
    for (const index of indices) query(index);
    checkKeys(keys, indices);
    const scope = { rows: byIndex([], indices), snapshots, isReadable: target.isReadable, isProbe: true };
    aggregations(scope);
    if (from + size > WINDOW) throw shardIllegal(tooLarge(from + size));
    const rows = inSlice(matching(cut(snapshots, target.share), query, target.isReadable), body["slice"]);
    const start = after === undefined ? undefined : readSearchAfter(after, keys, indices);
    const hits = size === 0 ? [] : page(ordered(rows, keys, orderKey(body, orders)), keys, start, from, size);
    const isScored = keys.length === 0 || keys.some(({ field }) => field === "_score");
    return {
      ...(pit !== undefined && { pit_id: pit.next }),
      took: 1,
      timed_out: target.share < 1,
      _shards,
      hits: {
        ...totalOf(rows.length, body["track_total_hits"]),
        max_score:
          isScored && size > 0 ? (hits.length === 0 ? null : Math.max(...hits.map(({ row }) => row.score))) : null,
        hits: hits.map((hit) => hitOf(hit, keys, isScored, fetch)),
      },
      ...(hasAggregations &&
        snapshots.length > 0 && {
          aggregations: aggregations({ ...scope, rows: byIndex(rows, indices), isProbe: false }),
        }),
    };
  });
}

/** The number of documents that a query matches, as `_count` answers it. */
export function count(body: JsonObject, target: SearchTarget): JsonObject {
  for (const name of Object.keys(body)) if (name !== "query") throw parsing(`request does not support [${name}]`);
  const query = readQuery(body["query"] ?? { match_all: {} }, target);
  return onShards(target, ({ snapshots, isReadable }, _shards) => ({
    count: matching(snapshots, query, isReadable).length,
    _shards,
  }));
}

/** In a point in time an order that is asked for is made total. */
function sortKeys(body: JsonObject, inPit: boolean): readonly SortKey[] {
  const keys = readSort(body["sort"]);
  const isTotal = keys.some(({ field }) => field === "_shard_doc" || field === "_doc");
  return inPit && keys.length > 0 && !isTotal ? [...keys, ...readSort("_shard_doc")] : keys;
}

function page(
  sorted: readonly SortedRow[],
  keys: readonly SortKey[],
  start: SortedRow["values"] | undefined,
  from: number,
  size: number,
): readonly SortedRow[] {
  if (start === undefined) return sorted.slice(from, from + size);
  const compare = comparer(keys);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle]?.values ?? [], start) > 0) high = middle;
    else low = middle + 1;
  }
  return sorted.slice(low, low + size);
}

interface Orders {
  readonly key: string;
  readonly known: Map<string, readonly SortedRow[]>;
}

/** A walk through a point in time asks for one order again and again. */
function orderKey({ query, sort, slice }: JsonObject, pit: OpenPit | undefined): Orders | undefined {
  return pit === undefined ? undefined : { key: JSON.stringify([query, sort, slice]), known: pit.orders };
}

function ordered(rows: readonly Row[], keys: readonly SortKey[], orders: Orders | undefined): readonly SortedRow[] {
  const known = orders?.known.get(orders.key);
  if (known !== undefined) return known;
  const compare = comparer(keys);
  const isPlain = keys.length === 0;
  const sorted = withValues(rows, keys).toSorted((one, other) =>
    isPlain
      ? other.row.score - one.row.score || one.row.place - other.row.place
      : compare(one.values, other.values) || one.row.place - other.row.place,
  );
  orders?.known.set(orders.key, sorted);
  return sorted;
}

function inSlice(rows: readonly Row[], slice: Json | undefined): readonly Row[] {
  if (slice === undefined) return rows;
  if (!isObject(slice)) throw parsing("[slice] malformed");
  const [id, max] = [wholeAt(slice["id"], 0, "id"), wholeAt(slice["max"], 0, "max")];
  if (max <= 1 || id < 0 || id >= max)
    throw illegal(max <= 1 ? "max must be greater than 1" : "max must be greater than id");
  return rows.filter(({ doc }) => doc % max === id);
}

const cut = (snapshots: readonly Snapshot[], share: number): readonly Snapshot[] =>
  share >= 1 ? snapshots : snapshots.map((each) => ({ ...each, end: Math.floor(each.end * share) }));

function hitOf(
  hit: SortedRow,
  keys: readonly SortKey[],
  isScored: boolean,
  fetch: ReturnType<typeof readFetch>,
): JsonObject {
  const { index, doc, score } = hit.row;
  const ignored = index.ignored.get(doc);
  const source = fetch.source(index, doc);
  const fields = fetch.fields(index, doc);
  const unsearched = fetch.ignored(index, doc);
  return {
    _index: index.name,
    _id: index.ids[doc] ?? "",
    _score: isScored ? score : null,
    ...(ignored !== undefined && { _ignored: Object.keys(ignored) }),
    ...(source !== undefined && { _source: source }),
    ...(fields !== undefined && Object.keys(fields).length > 0 && { fields }),
    ...(Object.keys(unsearched).length > 0 && { ignored_field_values: unsearched }),
    ...(keys.length > 0 && { sort: printValues(hit, keys) }),
  };
}

function totalOf(found: number, track: Json | undefined): JsonObject {
  if (track === false) return {};
  const most = track === true ? Number.POSITIVE_INFINITY : wholeAt(track, WINDOW, "track_total_hits");
  return { total: found > most ? { value: most, relation: "gte" } : { value: found, relation: "eq" } };
}

const tooLarge = (asked: number): string =>
  `Result window is too large, from + size must be less than or equal to: [${WINDOW}] but was [${asked}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`;

const tokenOf = (value: Json): string =>
  Array.isArray(value)
    ? "START_ARRAY"
    : isObject(value)
      ? "START_OBJECT"
      : typeof value === "string"
        ? "VALUE_STRING"
        : typeof value === "boolean"
          ? `VALUE_BOOLEAN`
          : value === null
            ? "VALUE_NULL"
            : "VALUE_NUMBER";
