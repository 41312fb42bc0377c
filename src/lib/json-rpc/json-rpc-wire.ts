import { encodeJson } from "../http/body.ts";
import type { RpcFailure, RpcMessage, RpcWire } from "./contract.ts";
import { fieldOf, idOf, isForeign, textOf } from "./fields.ts";

/**
 * JSON-RPC 2.0 with parameters by position, and events as TrueNAS 25.04 and newer send them: `core.subscribe` asks for
 * them, the notification `collection_update` brings them, `notify_unsubscribed` ends them.
 * Sources: https://www.jsonrpc.org/specification, github.com/truenas/middleware (`api/base/server/ws_handler/rpc.py`).
 */
export const jsonRpcWire: RpcWire = {
  id: "json-rpc",
  greeting: undefined,
  writeCall,
  writeSubscription: (id, name) => writeCall(id, "core.subscribe", [name]),
  read(message) {
    if (fieldOf(message, "jsonrpc") !== "2.0") return undefined;
    return typeof fieldOf(message, "method") === "string" ? readNotification(message) : readAnswer(message);
  },
};

function writeCall(id: number, method: string, params: readonly unknown[]): string {
  return encodeJson({ jsonrpc: "2.0", id, method, params }).text;
}

function readNotification(message: unknown): RpcMessage {
  const body = fieldOf(message, "params");
  const name = textOf(body, "collection");
  if (name === undefined) return { kind: "noise" };
  if (fieldOf(message, "method") === "collection_update") return { kind: "event", event: { name, body } };
  return fieldOf(message, "method") === "notify_unsubscribed" ? { kind: "ended", name } : { kind: "noise" };
}

function readAnswer(message: unknown): RpcMessage | undefined {
  const id = idOf(fieldOf(message, "id"));
  const error = fieldOf(message, "error");
  if (id === undefined && isForeign(message)) return { kind: "noise" };
  if (typeof error === "object" && error !== null) return { kind: "failure", id, failure: readFailure(error) };
  if (id === undefined) return undefined;
  const result = fieldOf(message, "result");
  return result === undefined ? { kind: "broken", id } : { kind: "result", id, result };
}

function readFailure(error: object): RpcFailure {
  const code = fieldOf(error, "code");
  return {
    code: typeof code === "number" ? code : undefined,
    message: textOf(error, "message") ?? "",
    data: fieldOf(error, "data"),
  };
}
