import { ElasticError, parsing } from "./errors.ts";
import { dateHistogram } from "./aggregation-histogram.ts";
import { cardinality, metric, METRICS } from "./aggregation-metric.ts";
import { significantTerms } from "./aggregation-significant.ts";
import { terms } from "./aggregation-terms.ts";
import { isObject, type Json, type JsonObject, say } from "./json.ts";
import type { QueryWorld } from "./matcher.ts";
import { readQuery } from "./query.ts";
import { objectAt, onlyFields } from "./read.ts";
import type { Aggregation, Bucketing, Scope } from "./scope.ts";
import { filtered } from "./scope.ts";

type Reader = (said: JsonObject, inner: Bucketing, world: QueryWorld) => Aggregation;

const READERS: Readonly<Record<string, Reader>> = {
  date_histogram: dateHistogram,
  terms,
  significant_terms: (said, inner, world) => significantTerms(said, inner, (query) => readQuery(query, world)),
  cardinality,
  filter: (said, inner, world) => {
    const query = readQuery(said, world);
    return (scope) => inner(filtered(scope, query));
  },
  filters,
  ...Object.fromEntries(METRICS.map((name) => [name, (said: JsonObject) => metric(name, said)])),
};
const METADATA = new Set(["aggs", "aggregations", "meta"]);

/** Reads `aggs`: each by its name. One that the lab does not know is unknown. */
export function readAggregations(said: Json | undefined, world: QueryWorld): (scope: Scope) => JsonObject {
  if (said === undefined || said === null) return () => ({});
  const all = Object.entries(objectAt(said, "aggregations")).map(
    ([name, each]) => [name, readOne(name, objectAt(each, name), world)] as const,
  );
  return (scope) => Object.fromEntries(all.map(([name, aggregation]) => [name, aggregation(scope)]));
}

function readOne(name: string, said: JsonObject, world: QueryWorld): Aggregation {
  const [type, more] = Object.keys(said).filter((key) => !METADATA.has(key));
  if (type === undefined) throw parsing(`Missing definition for aggregation [${name}]`);
  if (more !== undefined) throw parsing(`Found two aggregation type definitions in [${name}]: [${type}] and [${more}]`);
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined)
    throw new ElasticError("parsing_exception", `Unknown aggregation type [${type}]`, {
      details: { caused_by: { type: "named_object_not_found_exception", reason: `[1:1] unknown field [${type}]` } },
    });
  const below = readAggregations(said["aggs"] ?? said["aggregations"], world);
  const bucketing: Bucketing = (scope) => ({ doc_count: countOf(scope), ...below(scope) });
  const aggregation = read(objectAt(said[type], type), bucketing, world);
  const { meta } = said;
  return (scope) => {
    if (scope.isProbe) bucketing(scope);
    return { ...(meta !== undefined && { meta }), ...aggregation(scope) };
  };
}

const countOf = ({ rows }: Scope): number => rows.reduce((sum, { docs }) => sum + docs.length, 0);

function filters(said: JsonObject, inner: Bucketing, world: QueryWorld): Aggregation {
  onlyFields(said, ["filters", "other_bucket", "other_bucket_key", "keyed"], "filters");
  const given = said["filters"];
  const named = isObject(given)
    ? Object.entries(given)
    : Array.isArray(given)
      ? given.map((each: Json, at) => [String(at), each] as const)
      : [];
  const queries = named.map(([key, query]) => [key, readQuery(query, world)] as const);
  const other =
    said["other_bucket"] === true || said["other_bucket_key"] !== undefined
      ? say(said["other_bucket_key"] ?? "_other_")
      : undefined;
  return (scope) => {
    const buckets = queries.map(([key, query]) => [key, inner(filtered(scope, query))] as const);
    const rest =
      other === undefined
        ? []
        : [
            [
              other,
              inner(
                without(
                  scope,
                  queries.map(([, query]) => query),
                ),
              ),
            ] as const,
          ];
    const all = [...buckets, ...rest];
    return { buckets: Array.isArray(given) ? all.map(([, bucket]) => bucket) : Object.fromEntries(all) };
  };
}

function without(scope: Scope, queries: readonly Parameters<typeof filtered>[1][]): Scope {
  const taken = queries.map((query) => filtered(scope, query));
  const rows = scope.rows.map(({ index, docs }, at) => {
    const seen = new Set(taken.flatMap(({ rows: these }) => these[at]?.docs ?? []));
    return { index, docs: docs.filter((doc) => !seen.has(doc)) };
  });
  return { ...scope, rows };
}
