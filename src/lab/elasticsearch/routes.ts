import type { LabRequest } from "../exchange.ts";
import { ElasticError, illegal } from "./errors.ts";
import {
  bulk,
  caps,
  cat,
  createIndex,
  deleteIndex,
  deleteTemplate,
  healthOf,
  mappings,
  putTemplate,
  refresh,
  rootOf,
} from "./index-routes.ts";
import { ok, type Exchange, type RouteAnswer } from "./route-exchange.ts";
import { closePit, countThem, openPit, searchMany, searchOne } from "./search-routes.ts";
import type { LabState } from "./state.ts";

type Handler = (exchange: Exchange) => RouteAnswer;

interface Route {
  readonly methods: readonly string[];
  /** Parts of the path; `*` is any name that does not begin with `_`. */
  readonly path: string;
  /** Parameters of the query besides those that change nothing. */
  readonly parameters: readonly string[];
  readonly handle: Handler;
}

const INERT = new Set([
  "pretty",
  "human",
  "error_trace",
  "refresh",
  "timeout",
  "preference",
  "request_cache",
  "batched_reduce_size",
  "max_concurrent_shard_requests",
  "max_concurrent_searches",
  "ccs_minimize_roundtrips",
  "pre_filter_shard_size",
  "search_type",
  "routing",
  "master_timeout",
  "wait_for_active_shards",
  "expand_wildcards",
  "allow_partial_search_results",
]);
const LENIENCY = ["ignore_unavailable", "allow_no_indices"];
const OF_SEARCHES = ["size", "from", "track_total_hits", "_source", ...LENIENCY];

const ROUTES: readonly Route[] = [
  { methods: ["GET", "HEAD"], path: "", parameters: [], handle: ({ state }) => ok(rootOf(state)) },
  {
    methods: ["GET"],
    path: "_cluster/health",
    parameters: ["wait_for_status"],
    handle: ({ state }) => ok(healthOf(state)),
  },
  { methods: ["GET"], path: "_cat/indices", parameters: ["format", "h", "s", "bytes"], handle: cat },
  { methods: ["GET"], path: "_cat/indices/*", parameters: ["format", "h", "s", "bytes"], handle: cat },
  { methods: ["POST", "PUT"], path: "_bulk", parameters: [], handle: bulk },
  { methods: ["POST", "PUT"], path: "*/_bulk", parameters: [], handle: bulk },
  { methods: ["PUT", "POST"], path: "_index_template/*", parameters: ["create"], handle: putTemplate },
  { methods: ["DELETE"], path: "_index_template/*", parameters: [], handle: deleteTemplate },
  {
    methods: ["GET", "POST"],
    path: "_field_caps",
    parameters: ["fields", "filters", "types", "include_unmapped", "include_empty_fields", ...LENIENCY],
    handle: caps,
  },
  {
    methods: ["GET", "POST"],
    path: "*/_field_caps",
    parameters: ["fields", "filters", "types", "include_unmapped", "include_empty_fields", ...LENIENCY],
    handle: caps,
  },
  { methods: ["GET", "POST"], path: "_search", parameters: OF_SEARCHES, handle: searchOne },
  { methods: ["GET", "POST"], path: "*/_search", parameters: OF_SEARCHES, handle: searchOne },
  { methods: ["GET", "POST"], path: "_msearch", parameters: LENIENCY, handle: searchMany },
  { methods: ["GET", "POST"], path: "*/_msearch", parameters: LENIENCY, handle: searchMany },
  { methods: ["GET", "POST"], path: "_count", parameters: LENIENCY, handle: countThem },
  { methods: ["GET", "POST"], path: "*/_count", parameters: LENIENCY, handle: countThem },
  { methods: ["POST"], path: "*/_pit", parameters: ["keep_alive", ...LENIENCY], handle: openPit },
  { methods: ["DELETE"], path: "_pit", parameters: [], handle: closePit },
  { methods: ["POST", "GET"], path: "_refresh", parameters: [], handle: refresh },
  { methods: ["POST", "GET"], path: "*/_refresh", parameters: [], handle: refresh },
  { methods: ["GET"], path: "*/_mapping", parameters: LENIENCY, handle: mappings },
  { methods: ["PUT"], path: "*", parameters: [], handle: createIndex },
  { methods: ["DELETE"], path: "*", parameters: LENIENCY, handle: deleteIndex },
  {
    methods: ["HEAD"],
    path: "*",
    parameters: LENIENCY,
    handle: ({ state, parts }) => ({ status: state.catalog.indices.has(parts[0] ?? "") ? 200 : 404, body: "" }),
  },
];

/** Answers a request by its path; throws what Elasticsearch refuses it with. */
export function answerRoute(state: LabState, request: LabRequest): RouteAnswer {
  const parts = request.path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const fitting = ROUTES.filter(({ path }) => fits(path, parts));
  const route = fitting.find(({ methods }) => methods.includes(request.method));
  if (route === undefined) return unknownRoute(request, fitting);
  for (const name of request.query.keys())
    if (!route.parameters.includes(name) && !INERT.has(name))
      throw illegal(`request [${request.path}] contains unrecognized parameter: [${name}]`);
  return route.handle({ state, request, parts });
}

function fits(path: string, parts: readonly string[]): boolean {
  const wanted = path === "" ? [] : path.split("/");
  return (
    wanted.length === parts.length &&
    wanted.every((part, at) => part === parts[at] || (part === "*" && !parts[at]?.startsWith("_")))
  );
}

function unknownRoute({ method, path, target }: LabRequest, fitting: readonly Route[]): RouteAnswer {
  const allowed = [...new Set(fitting.flatMap(({ methods }) => methods))];
  if (allowed.length > 0)
    return {
      status: 405,
      body: {
        error: `Incorrect HTTP method for uri [${target}] and method [${method}], allowed: [${allowed.join(", ")}]`,
        status: 405,
      },
    };
  const name = path.split("/").find(Boolean) ?? "";
  if (method === "GET" && path.lastIndexOf("/") === 0)
    throw new ElasticError("invalid_index_name_exception", `Invalid index name [${name}], must not start with '_'.`, {
      details: { index_uuid: "_na_", index: name },
    });
  return { status: 400, body: { error: `no handler found for uri [${target}] and method [${method}]`, status: 400 } };
}
