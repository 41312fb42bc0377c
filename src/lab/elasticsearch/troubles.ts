import type { ElasticsearchTrouble } from "./contract.ts";
import { ElasticError } from "./errors.ts";
import type { LabIndex } from "./lab-index.ts";
import type { ReadableShards } from "./rows.ts";

/** What the answer to a request is refused with, if it is. */
export function refusalOf(trouble: ElasticsearchTrouble | undefined, path: string): ElasticError | undefined {
  if (trouble === undefined || !concerns(trouble, path)) return undefined;
  if (trouble.kind === "rejected") return rejected();
  if (trouble.kind === "circuit_breaker") return brokenCircuit();
  if (trouble.kind === "forbidden") return forbidden(path);
  if (trouble.kind === "licence") return unlicensed(trouble.feature);
  return trouble.kind === "no_shards" ? noShards() : undefined;
}

/** How long an answer is held back, in milliseconds. */
export const delayOf = (trouble: ElasticsearchTrouble | undefined, path: string): number =>
  trouble?.kind === "slow" && concerns(trouble, path) ? trouble.ms : 0;

/** Which shards can be read. */
export function readableUnder(trouble: ElasticsearchTrouble | undefined): ReadableShards {
  if (trouble?.kind !== "partial_shards") return () => true;
  const { shards = [], indices = [] } = trouble;
  return (index: LabIndex, shard) => !shards.includes(shard) && !indices.includes(index.name);
}

/** How much of the documents is looked at. */
export const shareUnder = (trouble: ElasticsearchTrouble | undefined): number =>
  trouble?.kind === "timed_out" ? trouble.share : 1;

function concerns(trouble: ElasticsearchTrouble, path: string): boolean {
  const pattern = "path" in trouble ? trouble.path : undefined;
  return pattern === undefined ? /\/_(search|msearch|count|field_caps|pit)$/.test(path) : pattern.test(path);
}

const rejected = (): ElasticError =>
  new ElasticError(
    "es_rejected_execution_exception",
    "rejected execution of TimedRunnable{original=org.elasticsearch.action.ActionRunnable$3} on TaskExecutionTimeTrackingEsThreadPoolExecutor[name = node-1/search, queue capacity = 1000, task execution EWMA = 12ms, total task execution EWMA = 12ms]",
    { status: 429 },
  );

const brokenCircuit = (): ElasticError =>
  new ElasticError(
    "circuit_breaking_exception",
    "[parent] Data too large, data for [<http_request>] would be [1020054728/972.7mb], which is larger than the limit of [1020054732/972.7mb]",
    {
      status: 429,
      details: { bytes_wanted: 1_020_054_728, bytes_limit: 1_020_054_732, durability: "TRANSIENT" },
    },
  );

function forbidden(path: string): ElasticError {
  const [action, privileges] = path.endsWith("/_field_caps")
    ? ["indices:data/read/field_caps", "view_index_metadata,manage,read,all"]
    : path.endsWith("/_pit")
      ? ["indices:data/read/open_point_in_time", "read,all"]
      : ["indices:data/read/search", "read,all"];
  const indices = decodeURIComponent(path.split("/")[1] ?? "");
  return new ElasticError(
    "security_exception",
    `action [${action}] is unauthorized for API key id [lab-key] of user [lab]${indices.startsWith("_") ? "" : ` on indices [${indices}]`}, this action is granted by the index privileges [${privileges}]`,
    { status: 403 },
  );
}

const unlicensed = (feature: string): ElasticError =>
  new ElasticError("security_exception", `current license is non-compliant for [${feature}]`, {
    status: 403,
    details: { "license.expired.feature": feature },
  });

const noShards = (): ElasticError =>
  new ElasticError("search_phase_execution_exception", "all shards failed", {
    status: 503,
    details: {
      phase: "query",
      grouped: true,
      failed_shards: [],
      caused_by: { type: "no_shard_available_action_exception", reason: null },
    },
  });
