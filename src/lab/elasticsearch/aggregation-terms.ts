import { parsing } from "./errors.ts";
import type { Scalar } from "./field-types.ts";
import { isObject, listOf, type Json, type JsonObject } from "./json.ts";
import { onlyFields, textAt, wholeAt } from "./read.ts";
import type { Aggregation, Bucketing } from "./scope.ts";
import { bucketKey, compareKeys, countValues, type ValueRows } from "./value-counts.ts";

const KNOWN = [
  "field",
  "size",
  "shard_size",
  "include",
  "exclude",
  "min_doc_count",
  "shard_min_doc_count",
  "order",
  "execution_hint",
  "collect_mode",
  "show_term_doc_count_error",
];

/** Reads `terms`. */
export function terms(said: JsonObject, inner: Bucketing): Aggregation {
  onlyFields(said, KNOWN, "terms");
  const field = textAt(said["field"], "terms");
  const size = wholeAt(said["size"], 10, "size");
  if (size <= 0) throw parsing("[size] must be greater than 0. Found [0] in [terms]");
  const least = wholeAt(said["min_doc_count"], 1, "min_doc_count");
  if (least < 1) throw parsing("[terms] the lab knows no [min_doc_count] of 0");
  const isWanted = readChoice(said);
  const order = readOrder(said["order"]);
  return (scope) => {
    const found = [...countValues(scope.rows, field, true).values()].filter(
      (each) => each.count >= least && isWanted(each.value),
    );
    const sorted = found.toSorted(order);
    const left = sorted.slice(size).reduce((sum, { count }) => sum + count, 0);
    const buckets = sorted
      .slice(0, size)
      .map(({ value, field: of, rows }) => ({ ...bucketKey(of, value), ...inner({ ...scope, rows }) }));
    return { doc_count_error_upper_bound: 0, sum_other_doc_count: left, buckets };
  };
}

/** Reads `include` and `exclude`: lists of values. */
export function readChoice(said: JsonObject): (value: Scalar) => boolean {
  const [include, exclude] = ["include", "exclude"].map((name) => {
    const choice = said[name];
    if (choice !== undefined && !Array.isArray(choice)) throw parsing(`[${name}] the lab knows lists of values only`);
    return new Set(listOf(choice).map(String));
  });
  const all = said["include"] === undefined;
  return (value) => (all || include?.has(String(value)) === true) && exclude?.has(String(value)) !== true;
}

function readOrder(order: Json | undefined): (one: ValueRows, other: ValueRows) => number {
  const keys = listOf(order ?? { _count: "desc" }).flatMap((each) => (isObject(each) ? Object.entries(each) : []));
  for (const [key, direction] of keys)
    if ((key !== "_count" && key !== "_key") || (direction !== "asc" && direction !== "desc"))
      throw parsing(`[terms] the lab orders by _count and _key only, not by [${key}]`);
  return (one, other) => {
    for (const [key, direction] of keys) {
      const way = key === "_count" ? one.count - other.count : compareKeys(one, other);
      if (way !== 0) return direction === "asc" ? way : -way;
    }
    return compareKeys(one, other);
  };
}
