import { writeBulk } from "./bulk.ts";
import { illegal, invalid } from "./errors.ts";
import { fieldCaps } from "./field-caps.ts";
import { listOf, wildcard, type JsonObject } from "./json.ts";
import { NO_MATCH } from "./matcher.ts";
import { readQuery } from "./query.ts";
import { onlyFields } from "./read.ts";
import { bodyOf, leniencyOf, ok, type Exchange, type RouteAnswer } from "./route-exchange.ts";
import type { LabState } from "./state.ts";

/** `GET /`. */
export const rootOf = ({ version }: LabState): JsonObject => ({
  name: "node-1",
  cluster_name: "lab",
  cluster_uuid: "lab",
  version: {
    number: version,
    build_flavor: "default",
    build_type: "jar",
    build_hash: "lab",
    build_date: "2026-08-26T22:10:47Z",
    build_snapshot: false,
    lucene_version: "9.12.2",
    minimum_wire_compatibility_version: "7.17.0",
    minimum_index_compatibility_version: "7.0.0",
  },
  tagline: "You Know, for Search",
});

/** `GET _cluster/health`. */
export const healthOf = ({ catalog }: LabState): JsonObject => ({
  cluster_name: "lab",
  status: catalog.indices.size === 0 ? "green" : "yellow",
  timed_out: false,
  number_of_nodes: 1,
  number_of_data_nodes: 1,
  active_primary_shards: [...catalog.indices.values()].reduce((sum, { shards }) => sum + shards, 0),
});

/** `GET _cat/indices`, as JSON. */
export function cat({ state, request, parts }: Exchange): RouteAnswer {
  if (request.query.get("format") !== "json") throw illegal("the lab answers _cat with format=json only");
  const indices = state.catalog.resolve(parts[2] ?? "*", { ignoreUnavailable: false, allowNoIndices: true });
  const columns = request.query.get("h")?.split(",").map(wildcard);
  return ok(
    indices.map((index) => {
      const row: JsonObject = {
        health: "yellow",
        status: "open",
        index: index.name,
        uuid: index.uuid,
        pri: String(index.shards),
        rep: "1",
        "docs.count": String(index.count),
        "docs.deleted": "0",
      };
      return columns === undefined
        ? row
        : Object.fromEntries(Object.entries(row).filter(([name]) => columns.some((fits) => fits(name))));
    }),
  );
}

/** `_bulk`. */
export function bulk({ state, request, parts }: Exchange): RouteAnswer {
  return ok(writeBulk(state.catalog, request.body, parts.length === 2 ? parts[0] : undefined));
}

/** `PUT _index_template`. */
export function putTemplate({ state, request, parts }: Exchange): RouteAnswer {
  state.catalog.putTemplate(parts[1] ?? "", bodyOf(request));
  return ok({ acknowledged: true });
}

/** `DELETE _index_template`. */
export function deleteTemplate({ state, parts }: Exchange): RouteAnswer {
  state.catalog.deleteTemplate(parts[1] ?? "");
  return ok({ acknowledged: true });
}

/** `PUT` of an index. */
export function createIndex({ state, request, parts }: Exchange): RouteAnswer {
  const { name } = state.catalog.create(parts[0] ?? "", bodyOf(request));
  return ok({ acknowledged: true, shards_acknowledged: true, index: name });
}

/** `DELETE` of indices. */
export function deleteIndex({ state, parts }: Exchange): RouteAnswer {
  state.catalog.delete(parts[0] ?? "");
  return ok({ acknowledged: true });
}

/** `_refresh`: what is written is seen at once. */
export const refresh = (): RouteAnswer => ok({ _shards: { total: 2, successful: 1, failed: 0 } });

/** `GET _mapping`. */
export function mappings({ state, request, parts }: Exchange): RouteAnswer {
  const indices = state.catalog.resolve(parts[0] ?? "*", leniencyOf(request));
  return ok(Object.fromEntries(indices.map(({ name, mapping }) => [name, { mappings: mapping.toJson() }])));
}

/** `_field_caps`. */
export function caps({ state, request, parts }: Exchange): RouteAnswer {
  const body = bodyOf(request);
  onlyFields(body, ["fields", "index_filter", "runtime_mappings"], "field_caps_request");
  if (body["runtime_mappings"] !== undefined) throw illegal("the lab has no runtime fields");
  const { query } = request;
  const fields = [...listOf(body["fields"]).map(String), ...listed(query, "fields")];
  if (fields.length === 0) throw invalid("no fields specified");
  const filter = body["index_filter"] === undefined ? undefined : readQuery(body["index_filter"], state);
  const indices = state.catalog
    .resolve(parts.length === 2 ? (parts[0] ?? "") : "*", leniencyOf(request))
    .filter((index) => {
      const matcher = filter?.(index);
      return matcher === undefined || index.ids.some((_, doc) => matcher(doc) !== NO_MATCH);
    });
  return ok(
    fieldCaps(indices, {
      fields,
      includeUnmapped: query.get("include_unmapped") === "true",
      includeEmpty: query.get("include_empty_fields") !== "false",
      filters: listed(query, "filters"),
      types: listed(query, "types"),
    }),
  );
}

const listed = (query: URLSearchParams, name: string): readonly string[] =>
  (query.get(name) ?? "").split(",").filter((each) => each !== "");
