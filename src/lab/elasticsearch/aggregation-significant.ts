import { parsing } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Query } from "./matcher.ts";
import { onlyFields, textAt, wholeAt } from "./read.ts";
import { readChoice } from "./aggregation-terms.ts";
import { background, type Aggregation, type Bucketing } from "./scope.ts";
import { bucketKey, compareKeys, countValues } from "./value-counts.ts";

const KNOWN = [
  "field",
  "size",
  "shard_size",
  "min_doc_count",
  "shard_min_doc_count",
  "background_filter",
  "include",
  "exclude",
  "execution_hint",
  "jlh",
];
const EVERYTHING: Query = () => () => 1;

/** Reads `significant_terms` with its usual score, JLH. */
export function significantTerms(said: JsonObject, inner: Bucketing, readQuery: (query: Json) => Query): Aggregation {
  onlyFields(said, KNOWN, "significant_terms");
  if (isObject(said["jlh"])) onlyFields(said["jlh"], [], "jlh");
  const field = textAt(said["field"], "significant_terms");
  const size = wholeAt(said["size"], 10, "size");
  if (size <= 0) throw parsing("[size] must be greater than 0. Found [0] in [significant_terms]");
  const least = wholeAt(said["min_doc_count"], 3, "min_doc_count");
  const isWanted = readChoice(said);
  const query = said["background_filter"] === undefined ? EVERYTHING : readQuery(said["background_filter"]);
  return (scope) => {
    const behind = background(scope, query);
    const counts = new Map(behind.map((each) => [each.index, countValues([each], field, false)]));
    const [total, bgTotal] = [sizeOf(scope.rows), sizeOf(behind)];
    const buckets = [...countValues(scope.rows, field, true).values()]
      .filter(({ value, count }) => count >= least && isWanted(value))
      .map((each) => ({
        ...each,
        bg: sum(each.rows.map(({ index }) => counts.get(index)?.get(each.value)?.count ?? 0)),
      }))
      .map((each) => ({ ...each, score: jlh(each.count / total, Math.max(each.bg, 1) / Math.max(bgTotal, 1)) }))
      .filter(({ score }) => score > 0)
      .toSorted((one, other) => other.score - one.score || other.count - one.count || compareKeys(one, other))
      .slice(0, size)
      .map(({ value, field: of, rows, score, bg }) => ({
        ...bucketKey(of, value),
        ...inner({ ...scope, rows }),
        score,
        bg_count: bg,
      }));
    return { doc_count: total, bg_count: bgTotal, buckets };
  };
}

/** How much the share grew, absolutely and relatively. */
const jlh = (share: number, before: number): number => (share <= before ? 0 : (share - before) * (share / before));

const sizeOf = (rows: readonly { readonly docs: readonly number[] }[]): number =>
  rows.reduce((sum, { docs }) => sum + docs.length, 0);

/** A value counts only in those indices that have it in what was found. */
const sum = (counts: readonly number[]): number => counts.reduce((all, each) => all + each, 0);
