import { z } from "zod";
import { CollectError, type CollectReason } from "../../core/errors.ts";
import { printable } from "../../lib/http/request-text.ts";
import type { Trail } from "./connection.ts";

const cause = z.object({ type: z.string().catch("unknown"), reason: z.string().nullish() });
const refusal = z.object({
  error: z.union([z.string(), cause.extend({ root_cause: z.array(cause).optional().catch(undefined) })]),
});

const NOT_ELASTICSEARCH =
  "this is no Elasticsearch of release 8 or 9 (OpenSearch and older releases are not supported), or something stands in between that answers in its place";

/**
 * What the client of Elasticsearch throws, in the reasons of the house. A signal that ended by time is `timeout`; the
 * reason of any other is given back as it is.
 */
export function toCollectError(thrown: unknown, trail: Trail, signal: AbortSignal): unknown {
  const where = trail.sent?.where ?? "Elasticsearch";
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    const isTime = reason instanceof Error && reason.name === "TimeoutError";
    return isTime ? new CollectError("timeout", `${where}: no complete answer before the deadline`) : reason;
  }
  if (thrown instanceof CollectError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "ResponseError") return toStatusError(thrown, where, trail);
  if (name === "ProductNotSupportedError")
    return new CollectError("unexpected_shape", `${where}: ${NOT_ELASTICSEARCH}`);
  if (name === "DeserializationError")
    return new CollectError("invalid_response", `${where}: the answer is not JSON, or is cut off`);
  if (trail.failure !== undefined) return trail.failure;
  // the client's own error quotes the answer, and can not when that nests too deep
  if (thrown instanceof RangeError && trail.status !== undefined && trail.status >= 400)
    return toStatusError({ statusCode: trail.status }, where, trail);
  const message = printable(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
  return new CollectError("internal", `${where}: ${message}`);
}

/** A refusal of Elasticsearch, with what it says of it. */
export class RefusedError extends CollectError {
  readonly status: number;
  /** Type of the innermost error, such as `circuit_breaking_exception`. */
  readonly type: string;

  constructor(reason: CollectReason, message: string, { status, type }: { status: number; type: string }) {
    super(reason, message);
    this.status = status;
    this.type = type;
  }
}

function toStatusError(thrown: unknown, where: string, trail: Trail): CollectError {
  const field = (name: string): unknown =>
    typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, name) : undefined;
  const status = Number(field("statusCode"));
  const { type, text } = whatItSays(field("body"));
  const said = printable(trail.redact?.(text) ?? text);
  const { reason, what } = meaning(status, type, text);
  return new RefusedError(reason, `${where}: status ${status}, ${what}${said === "" ? "" : `: ${said}`}`, {
    status,
    type,
  });
}

/** The innermost cause says most: the outer one is often only `all shards failed`. */
function whatItSays(body: unknown): { readonly type: string; readonly text: string } {
  const read = refusal.safeParse(body);
  if (!read.success) return { type: "", text: "" };
  const { error } = read.data;
  if (typeof error === "string") return { type: "", text: error };
  const { type, reason } = error.root_cause?.[0] ?? error;
  return { type, text: reason ?? error.reason ?? type };
}

interface Meaning {
  readonly reason: CollectReason;
  readonly what: string;
}

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  400: { reason: "unexpected_status", what: "Elasticsearch refuses the request" },
  401: { reason: "unauthorized", what: "Elasticsearch does not accept the credential" },
  404: { reason: "not_found", what: "there is no such index" },
  406: { reason: "unexpected_shape", what: NOT_ELASTICSEARCH },
  413: { reason: "unexpected_status", what: "the request is too large for it, or for a proxy in between" },
  429: { reason: "rate_limited", what: "Elasticsearch has too much to do and refuses more for now" },
};

function meaning(status: number, type: string, text: string): Meaning {
  if (type === "circuit_breaking_exception")
    return {
      reason: "rate_limited",
      what: "a circuit breaker of Elasticsearch refused it for want of memory: ask for a shorter time or give its nodes more heap",
    };
  if (type === "es_rejected_execution_exception") return BY_STATUS[429] ?? unknown(status);
  if (status === 403) return { reason: "forbidden", what: permission(text) };
  return BY_STATUS[status] ?? unknown(status);
}

const unknown = (status: number): Meaning =>
  status >= 500
    ? { reason: "server_error", what: "Elasticsearch, or a proxy before it, failed" }
    : { reason: "unexpected_status", what: "which is no answer of Elasticsearch" };

/** Elasticsearch says which privileges would do: `this action is granted by the index privileges [read,all]`. */
function permission(text: string): string {
  if (/license is non-compliant/.test(text)) return "its licence does not include that";
  const [, kind, list = ""] = /granted by the (index|cluster) privileges \[([a-z_,]+)/.exec(text) ?? [];
  const privileges = list.split(",");
  const [first] = privileges.includes("read") ? ["read"] : privileges;
  if (kind !== undefined) return `the ${kind} privilege \`${first}\` is missing`;
  return "a permission is missing (reading logs needs the index privilege `read`)";
}
