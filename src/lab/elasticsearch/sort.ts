import { bindValues, eachValue } from "./bound-field.ts";
import { formatsOf, parseDate, printDate } from "./dates.ts";
import { illegal, parsing, ShardError, shardIllegal } from "./errors.ts";
import type { Scalar } from "./field-types.ts";
import { isObject, listOf, type Json, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import type { Row } from "./rows.ts";
import { onlyFields } from "./read.ts";

/** One thing that hits are ordered by. */
export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
  readonly missingFirst: boolean;
  readonly formats: readonly string[] | undefined;
  readonly unmappedType: string | undefined;
  /** Compares dates of both kinds in nanoseconds. */
  readonly inNanos: boolean;
}

/** A row with its values of the keys; null where it has none. */
export interface SortedRow {
  readonly row: Row;
  readonly values: readonly (Scalar | null)[];
}

const KNOWN = ["order", "missing", "format", "unmapped_type", "numeric_type", "mode"];
const [LONG_MAX, LONG_MIN] = [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n];

/** Reads `sort`. */
export function readSort(sort: Json | undefined): readonly SortKey[] {
  return listOf(sort).flatMap((each) => {
    if (typeof each === "string") return [keyOf(each, {})];
    if (!isObject(each))
      throw parsing("malformed sort format, within the sort array, an object, or an actual string are allowed");
    return Object.entries(each).map(([field, said]) => keyOf(field, said));
  });
}

function keyOf(field: string, said: Json): SortKey {
  const options = isObject(said) ? said : { order: said };
  onlyFields(options, KNOWN, "field_sort");
  const {
    order = field === "_score" ? "desc" : "asc",
    missing = "_last",
    format,
    unmapped_type: unmapped,
    numeric_type: numeric,
  } = options;
  if (order !== "asc" && order !== "desc")
    throw illegal(`No enum constant org.elasticsearch.search.sort.SortOrder.${say(order).toUpperCase()}`);
  if (missing !== "_last" && missing !== "_first")
    throw parsing("[field_sort] the lab knows _last and _first for [missing] only");
  return {
    field,
    descending: order === "desc",
    missingFirst: missing === "_first",
    formats: typeof format === "string" ? formatsOf(format) : undefined,
    unmappedType: typeof unmapped === "string" ? unmapped : undefined,
    inNanos: numeric === "date_nanos",
  };
}

/** Throws where one of the indices can not be ordered by one of the keys. */
export function checkKeys(keys: readonly SortKey[], indices: readonly LabIndex[]): void {
  for (const index of indices) for (const key of keys) readerOf(index, key);
}

/** Gives each row its values. */
export function withValues(rows: readonly Row[], keys: readonly SortKey[]): readonly SortedRow[] {
  const readers = new Map<LabIndex, readonly ((row: Row) => Scalar | null)[]>();
  const readersOf = (index: LabIndex): readonly ((row: Row) => Scalar | null)[] => {
    const known = readers.get(index) ?? keys.map((key) => readerOf(index, key));
    readers.set(index, known);
    return known;
  };
  return rows.map((row) => ({ row, values: readersOf(row.index).map((read) => read(row)) }));
}

function readerOf(
  index: LabIndex,
  { field: name, descending, unmappedType, inNanos }: SortKey,
): (row: Row) => Scalar | null {
  if (name === "_doc" || name === "_shard_doc") return ({ place }) => place;
  if (name === "_score") return ({ score }) => score;
  const bound = bindValues(index, name);
  if (bound === undefined) {
    if (unmappedType !== undefined) return () => null;
    throw new ShardError("query_shard_exception", `No mapping found for [${name}] in order to sort on`, {
      details: { index_uuid: index.uuid, index: index.name },
    });
  }
  const toNanos = inNanos && bound.field.kind === "date";
  return ({ doc }) => {
    let chosen: Scalar | null = null;
    eachValue(bound.column, doc, (value) => {
      if (chosen === null || (descending ? value > chosen : value < chosen)) chosen = value;
    });
    return toNanos && typeof chosen === "number" ? BigInt(chosen) * 1_000_000n : chosen;
  };
}

/** Orders two rows by their values. */
export function comparer(
  keys: readonly SortKey[],
): (one: readonly (Scalar | null)[], other: readonly (Scalar | null)[]) => number {
  return (one, other) => {
    for (const [at, { descending, missingFirst }] of keys.entries()) {
      const [left = null, right = null] = [one[at], other[at]];
      if (left === right) continue;
      if (left === null || right === null) return (left === null) === missingFirst ? -1 : 1;
      if (left !== right && left < right !== left > right) return left < right === descending ? 1 : -1;
    }
    return 0;
  };
}

/** Reads `search_after` by the keys. */
export function readSearchAfter(
  after: readonly Json[],
  keys: readonly SortKey[],
  indices: readonly LabIndex[],
): readonly (Scalar | null)[] {
  if (after.length !== keys.length)
    throw shardIllegal(`search_after has ${after.length} value(s) but sort has ${keys.length}.`);
  return after.map((value, at) => {
    const key = keys[at];
    if (value === null || value === LONG_MAX || value === LONG_MIN) return null;
    if (typeof value === "object") throw illegal(`Can't handle [search_after] value of a list or an object`);
    const ofNanos = indices.some(({ mapping }) => mapping.find(key?.field ?? "")?.kind === "date_nanos");
    if (ofNanos && value === 0) return null;
    if (typeof value !== "string" || key?.formats === undefined) return value;
    return timeOf(value, key, key.inNanos || ofNanos);
  });
}

function timeOf(text: string, { field, formats = [] }: SortKey, inNanos: boolean): Scalar {
  const nanos = parseDate(text, formats);
  if (nanos === undefined) throw illegal(`Failed to parse search_after value for field [${field}].`);
  return inNanos ? nanos : Number(nanos / 1_000_000n);
}

/**
 * The values as they stand in a hit: dates in their format, and for what is missing the number that real servers give.
 */
export function printValues({ row, values }: SortedRow, keys: readonly SortKey[]): readonly Json[] {
  return keys.map((key, at) => {
    const value = values[at] ?? null;
    if (value === null) return missingValue(row.index, key);
    if (key.formats === undefined || typeof value === "string" || typeof value === "boolean") return value;
    return printDate(typeof value === "bigint" ? value : BigInt(value) * 1_000_000n, key.formats);
  });
}

function missingValue({ mapping }: LabIndex, { field, unmappedType, descending, missingFirst }: SortKey): Json {
  const kind = mapping.find(field)?.kind ?? unmappedType ?? "keyword";
  if (["keyword", "ip", "flattened"].includes(kind)) return null;
  if (descending === missingFirst) return LONG_MAX;
  return kind === "date_nanos" ? 0 : LONG_MIN;
}
