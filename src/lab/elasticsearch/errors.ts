import { encode, isObject, type Json, type JsonObject } from "./json.ts";
import type { LabAnswer } from "../exchange.ts";

/** An error that Elasticsearch answers with: its type, its sentence, and what else stands beside them. */
export class ElasticError extends Error {
  override readonly name = "ElasticError";
  readonly status: number;
  readonly type: string;
  readonly details: JsonObject;

  constructor(
    type: string,
    reason: string,
    { status = 400, details = {} }: { status?: number; details?: JsonObject } = {},
  ) {
    super(reason);
    this.status = status;
    this.type = type;
    this.details = details;
  }

  /** As it stands in an answer. */
  get body(): JsonObject {
    return { type: this.type, reason: this.message, ...this.details };
  }
}

/** An error that a shard meets when it carries a request out. */
export class ShardError extends ElasticError {}

/** What is wrong with a request's text. */
export const parsing = (reason: string): ElasticError => new ElasticError("parsing_exception", reason);

/** What is wrong with a request's values. */
export const illegal = (reason: string): ElasticError => new ElasticError("illegal_argument_exception", reason);

/** What a shard finds wrong with a request's values. */
export const shardIllegal = (reason: string): ShardError => new ShardError("illegal_argument_exception", reason);

/** What is missing in a request, or is too much. */
export const invalid = (reason: string): ElasticError =>
  new ElasticError("action_request_validation_exception", `Validation Failed: 1: ${reason};`);

/** A name that is no index. */
export const noSuchIndex = (index: string): ElasticError =>
  new ElasticError("index_not_found_exception", `no such index [${index}]`, {
    status: 404,
    details: { "resource.type": "index_or_alias", "resource.id": index, index_uuid: "_na_", index },
  });

/** The `error` and `status` of an answer. */
export function errorBody(error: ElasticError): { readonly error: JsonObject; readonly status: number } {
  return { error: { root_cause: rootsOf(error), ...error.body }, status: error.status };
}

/** What a shard met, and where. */
export interface ShardFailure {
  readonly error: ShardError;
  readonly index: string;
}

/** Says what shards met as the failure of all of them. */
export function allShardsFailed(failures: readonly ShardFailure[]): ElasticError {
  const [first] = failures;
  const isIllegal = first?.error.type === "illegal_argument_exception";
  return new ElasticError("search_phase_execution_exception", "all shards failed", {
    status: Math.max(...failures.map(({ error }) => error.status)),
    details: {
      phase: "query",
      grouped: true,
      failed_shards: failures.map(({ error, index }) => ({ shard: 0, index, node: NODE_ID, reason: error.body })),
      ...(isIllegal && { caused_by: { ...first.error.body, caused_by: first.error.body } }),
    },
  });
}

/** The node's id, which stands in failures of shards. */
export const NODE_ID = "lab-node-0000000000000";

function rootsOf({ body }: ElasticError): Json {
  const { failed_shards: failed, caused_by: cause, ...root } = body;
  if (Array.isArray(failed)) return (failed as readonly { readonly reason: JsonObject }[]).map(({ reason }) => reason);
  // of a cause of the same kind it is the root
  return isObject(cause) && cause["type"] === root["type"] ? [cause] : [root];
}

/** An answer with a JSON body. */
export const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): LabAnswer => ({
  status,
  headers,
  body: encode(body),
});
