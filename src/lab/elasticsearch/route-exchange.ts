import type { LabRequest } from "../exchange.ts";
import type { Leniency } from "./catalog.ts";
import { ElasticError } from "./errors.ts";
import { decode, isObject, type Json, type JsonObject } from "./json.ts";
import type { LabState } from "./state.ts";

/** One request with what its path names. */
export interface Exchange {
  readonly state: LabState;
  readonly request: LabRequest;
  /** The path's parts, decoded. */
  readonly parts: readonly string[];
}

/** What is answered; the body becomes JSON. */
export interface RouteAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const ok = (body: unknown): RouteAnswer => ({ status: 200, body });

/** What the query says about names that are no index. */
export const leniencyOf = ({ query }: LabRequest): Leniency => ({
  ignoreUnavailable: query.get("ignore_unavailable") === "true",
  allowNoIndices: query.get("allow_no_indices") !== "false",
});

/** The object that came with a request; an empty one when none came. */
export function bodyOf({ body }: LabRequest): JsonObject {
  if (body.trim() === "") return {};
  const said = readJson(body);
  if (isObject(said)) return said;
  throw new ElasticError("parsing_exception", "Expected [START_OBJECT] but found something else");
}

function readJson(text: string): Json {
  try {
    return decode(text);
  } catch (error) {
    throw new ElasticError(
      "x_content_parse_exception",
      `[1:1] ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
