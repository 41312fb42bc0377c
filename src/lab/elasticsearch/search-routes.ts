import type { LabRequest } from "../exchange.ts";
import type { Leniency } from "./catalog.ts";
import { ElasticError, errorBody, illegal, invalid } from "./errors.ts";
import { decode, isObject, listOf, type Json, type JsonObject } from "./json.ts";
import { readQuery } from "./query.ts";
import { onlyFields, wholeAt } from "./read.ts";
import { bodyOf, leniencyOf, ok, type Exchange, type RouteAnswer } from "./route-exchange.ts";
import { checkBody, count, search } from "./search.ts";
import { indexTarget, pitTarget, type LabState } from "./state.ts";

/** `_search`, by names or in a point in time. */
export function searchOne({ state, request, parts }: Exchange): RouteAnswer {
  const body = { ...bodyOf(request), ...parametersOf(request) };
  checkBody(body);
  const names = parts.length === 2 ? parts[0] : undefined;
  const partial = request.query.get("allow_partial_search_results") !== "false";
  if (body["pit"] === undefined)
    return ok(search(body, indexTarget(state, names ?? "*", leniencyOf(request), partial)));
  if (names !== undefined)
    throw invalid("[indices] cannot be used with point in time. Do not specify any index with point in time.");
  return ok(search(body, pitTarget(state, body["pit"], partial)));
}

/** `_msearch`: each search succeeds or fails by itself. */
export function searchMany({ state, request, parts }: Exchange): RouteAnswer {
  const lines = request.body.split("\n").filter((line) => line !== "");
  const searches = lines.flatMap((line, at) =>
    at % 2 === 1 ? [[decode(lines[at - 1] ?? ""), decode(line)] as const] : [],
  );
  if (searches.length === 0) throw invalid("no requests added");
  // what can not be read at all refuses the whole request
  for (const [, body] of searches) checkQuery(state, body);
  const responses = searches.map(([head, body]) =>
    oneOfMany(state, isObject(head) ? head : {}, isObject(body) ? body : {}, parts, leniencyOf(request)),
  );
  return ok({ took: 1, responses });
}

function checkQuery(state: LabState, body: Json): void {
  if (!isObject(body)) throw illegal("a search of _msearch is no object");
  checkBody(body);
  if (body["query"] !== undefined) readQuery(body["query"], state);
}

function oneOfMany(
  state: LabState,
  head: JsonObject,
  body: JsonObject,
  parts: readonly string[],
  leniency: Leniency,
): JsonObject {
  try {
    onlyFields(
      head,
      [
        "index",
        "preference",
        "search_type",
        "request_cache",
        "ignore_unavailable",
        "allow_no_indices",
        "expand_wildcards",
        "allow_partial_search_results",
        "ccs_minimize_roundtrips",
        "routing",
      ],
      "msearch",
    );
    const names = listOf(head["index"]).map(String).join(",");
    const lenient = {
      ignoreUnavailable: head["ignore_unavailable"] === true || leniency.ignoreUnavailable,
      allowNoIndices: head["allow_no_indices"] !== false && leniency.allowNoIndices,
    };
    const partial = head["allow_partial_search_results"] !== false;
    const target =
      body["pit"] === undefined
        ? indexTarget(state, names || (parts.length === 2 ? (parts[0] ?? "*") : "*"), lenient, partial)
        : pitTarget(state, body["pit"], partial);
    return { ...search(body, target), status: 200 };
  } catch (error) {
    if (error instanceof ElasticError) return errorBody(error);
    throw error;
  }
}

/** `_count`. */
export function countThem({ state, request, parts }: Exchange): RouteAnswer {
  const target = indexTarget(state, parts.length === 2 ? (parts[0] ?? "*") : "*", leniencyOf(request), true);
  return ok(count(bodyOf(request), target));
}

/** `POST _pit`. */
export function openPit({ state, request, parts }: Exchange): RouteAnswer {
  const keepAlive = request.query.get("keep_alive");
  if (keepAlive === null) throw invalid("[keep_alive] is not specified");
  onlyFields(bodyOf(request), [], "open_point_in_time");
  const indices = state.catalog.resolve(parts[0] ?? "", leniencyOf(request));
  const total = indices.reduce((sum, { shards }) => sum + shards, 0);
  const id = state.pits.open(
    indices.map((index) => index.snapshot()),
    keepAlive,
  );
  return ok({ id, _shards: { total, successful: total, skipped: 0, failed: 0 } });
}

/** `DELETE _pit`. */
export function closePit({ state, request }: Exchange): RouteAnswer {
  const { id } = bodyOf(request);
  if (typeof id !== "string") throw invalid("[id] is not specified");
  const closed = state.pits.close(id);
  return { status: closed ? 200 : 404, body: { succeeded: closed, num_freed: closed ? 1 : 0 } };
}

function parametersOf({ query }: LabRequest): JsonObject {
  const [size, from, track, source] = ["size", "from", "track_total_hits", "_source"].map(
    (name) => query.get(name) ?? undefined,
  );
  return {
    ...(size !== undefined && { size: wholeAt(size, 10, "size") }),
    ...(from !== undefined && { from: wholeAt(from, 0, "from") }),
    ...(track !== undefined && {
      track_total_hits: track === "true" || track === "false" ? track === "true" : Number(track),
    }),
    ...(source !== undefined && {
      _source: source === "true" || source === "false" ? source === "true" : source.split(","),
    }),
  };
}
