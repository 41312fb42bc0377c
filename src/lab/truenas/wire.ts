import { errorBody, errnoOf, type LabFailure } from "./failure.ts";

/** What a message of a client asks for. */
export type Incoming =
  | { readonly kind: "call"; readonly id: unknown; readonly method: string; readonly params: readonly unknown[] }
  | { readonly kind: "subscribe" | "unsubscribe"; readonly id: string; readonly name: string }
  /** Is answered with this at once. */
  | { readonly kind: "answer"; readonly message: unknown }
  /** Ends the socket. */
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  | { readonly kind: "nothing" };

/** How one socket's messages are read and written. */
export interface LabWire {
  readonly id: "json-rpc" | "ddp";
  /** What a text that is no JSON object is answered with. */
  unreadable(reason: string): Incoming;
  read(message: Readonly<Record<string, unknown>>): Incoming;
  result(id: unknown, result: unknown): unknown;
  failure(id: unknown, failure: LabFailure): unknown;
  /** `body` is the event with `msg` and `collection`. */
  event(body: object): unknown;
  /** Tells that the server ended a subscription, and why when it was not asked to. */
  ended(collection: string, failure: LabFailure | undefined): unknown;
}

/**
 * JSON-RPC 2.0 as the middleware speaks it.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/api/base/server/ws_handler/rpc.py
 */
export function jsonRpcWire(): LabWire {
  const frame = (id: unknown, rest: object): object => ({ jsonrpc: "2.0", ...rest, id });
  const error = (id: unknown, code: number, message: string, data?: unknown): object =>
    frame(id, { error: { code, message, ...(data !== undefined && { data }) } });
  return {
    id: "json-rpc",
    unreadable: (reason) => ({ kind: "answer", message: error(null, -32_700, reason) }),
    read: (message) => {
      const fault = requestFault(message);
      if (fault !== undefined) return { kind: "answer", message: error(null, -32_600, fault) };
      const { id = null, method, params = [] } = message as { id?: unknown; method: string; params?: unknown[] };
      return { kind: "call", id, method, params };
    },
    result: (id, result) => frame(id, { result }),
    failure: (id, failure) => {
      if (failure.kind === "protocol") return error(id, failure.code, failure.message, failure.data);
      if (failure.kind === "too_many") return error(id, -32_000, tooMany(failure.limit));
      if (failure.kind === "params") return error(id, -32_602, "Invalid params", errorBody(failure));
      return error(id, -32_001, "Method call error", errorBody(failure));
    },
    event: (body) => ({ jsonrpc: "2.0", method: "collection_update", params: body }),
    ended: (collection, failure) => {
      const error = failure?.kind === "params" || failure?.kind === "call" ? errorBody(failure) : null;
      return { jsonrpc: "2.0", method: "notify_unsubscribed", params: { collection, error } };
    },
  };
}

const tooMany = (limit: number): string => `Maximum number of concurrent calls (${limit}) has exceeded`;

/** Why the message is no request, as the middleware's schema says it; undefined when it is one. */
function requestFault(message: Readonly<Record<string, unknown>>): string | undefined {
  const { jsonrpc, method, params = [], id = null, ...others } = message;
  const [other] = Object.keys(others);
  if (other !== undefined) return `Additional properties are not allowed (${quote(other)} was unexpected)`;
  for (const name of ["jsonrpc", "method"]) if (!(name in message)) return `${quote(name)} is a required property`;
  if (jsonrpc !== "2.0") return `${quote(jsonrpc)} is not one of ['2.0']`;
  if (typeof method !== "string") return `${quote(method)} is not of type 'string'`;
  if (!Array.isArray(params)) return `${quote(params)} is not of type 'array'`;
  if (id !== null && typeof id !== "number" && typeof id !== "string")
    return `${quote(id)} is not of type 'null', 'number', 'string'`;
  return undefined;
}

const quote = (value: unknown): string => (typeof value === "string" ? `'${value}'` : JSON.stringify(value));

/**
 * DDP, the older protocol, which has to be greeted first.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/apps/websocket_app.py
 */
export function ddpWire(session: string): LabWire {
  let greeted = false;
  const failed: Incoming = { kind: "answer", message: { msg: "failed", version: "1" } };
  const error = (id: unknown, body: object): object => ({ msg: "result", id, error: body });
  const failure = (id: unknown, failure: LabFailure): object => {
    if (failure.kind === "protocol") return error(id, bare("ENOMETHOD", failure.message));
    if (failure.kind === "too_many") return error(id, bare("ETOOMANYREFS", `${tooMany(failure.limit)}.`));
    if (failure.kind === "params") return error(id, { ...errorBody(failure, "EAGAIN"), type: "VALIDATION" });
    return error(id, { ...errorBody(failure), type: null });
  };
  const connect = (message: Readonly<Record<string, unknown>>): Incoming => {
    if (message["version"] !== "1") return failed;
    greeted = true;
    return { kind: "answer", message: { msg: "connected", session } };
  };
  return {
    id: "ddp",
    unreadable: (reason) => ({ kind: "close", code: 1007, reason }),
    read: (message) => {
      if (message["msg"] === undefined) return { kind: "close", code: 1011, reason: "'msg'" };
      if (message["msg"] === "connect") return connect(message);
      return greeted ? readDdp(message, failure) : failed;
    },
    result: (id, result) => ({ id, msg: "result", result }),
    failure,
    event: (body) => body,
    ended: (collection, failure) => {
      if (failure?.kind !== "params") return { msg: "nosub", collection };
      return { msg: "nosub", collection, error: { ...errorBody(failure, "EAGAIN"), type: "VALIDATION" } };
    },
  };
}

const bare = (errname: string, reason: string): object => ({
  error: errnoOf(errname),
  errname,
  type: null,
  reason,
  trace: null,
  extra: null,
});

function readDdp(message: Readonly<Record<string, unknown>>, failure: LabWire["failure"]): Incoming {
  const { msg, id, name, method, params } = message;
  if (msg === "method") {
    const malformed = { kind: "call", errname: "EINVAL", exception: "CallError" } as const;
    if (id === undefined) return { kind: "close", code: 1011, reason: "'id'" };
    if (typeof method !== "string")
      return {
        kind: "answer",
        message: failure(id, { ...malformed, reason: "Message is malformed: 'method' is absent." }),
      };
    if (Array.isArray(params ?? [])) return { kind: "call", id, method, params: (params as unknown[] | null) ?? [] };
    return { kind: "answer", message: failure(id, { ...malformed, reason: "`params` must be a list." }) };
  }
  if (msg !== "sub" && msg !== "unsub") return { kind: "nothing" };
  if (typeof id !== "string") return { kind: "close", code: 1011, reason: "'id'" };
  if (msg === "unsub") return { kind: "unsubscribe", id, name: "" };
  return typeof name === "string" ? { kind: "subscribe", id, name } : { kind: "close", code: 1011, reason: "'name'" };
}
