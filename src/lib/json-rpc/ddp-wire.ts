import { encodeJson } from "../http/body.ts";
import type { RpcFailure, RpcMessage, RpcWire } from "./contract.ts";
import { fieldOf, idOf, isForeign, textOf } from "./fields.ts";

/**
 * DDP as TrueNAS up to 24.10 speaks it on `/websocket`: Meteor's protocol, with the reason of a failure in an object of
 * its own. Sources: https://github.com/meteor/meteor/blob/devel/packages/ddp/DDP.md, github.com/truenas/middleware
 * (`apps/websocket_app.py`).
 */
export const ddpWire: RpcWire = {
  id: "ddp",
  greeting: JSON.stringify({ msg: "connect", version: "1", support: ["1"] }),
  writeCall: (id, method, params) => encodeJson({ id: String(id), msg: "method", method, params }).text,
  writeSubscription: (id, name) => JSON.stringify({ id: String(id), msg: "sub", name }),
  read(message) {
    const msg = textOf(message, "msg");
    const reader = msg === undefined ? undefined : READERS.get(msg);
    if (reader !== undefined) return reader(message);
    // Meteor's servers greet with this before anything else.
    return msg !== undefined || fieldOf(message, "server_id") !== undefined ? { kind: "noise" } : undefined;
  },
};

type Reader = (message: unknown) => ReturnType<RpcWire["read"]>;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["connected", () => ({ kind: "ready" })],
  ["failed", readRefusal],
  ["error", readRefusal],
  ["result", readAnswer],
  ["ready", readReady],
  ["nosub", readEnd],
  ["added", readEvent],
  ["changed", readEvent],
  ["removed", readEvent],
  ["ping", (message) => ({ kind: "noise", reply: JSON.stringify({ msg: "pong", id: fieldOf(message, "id") }) })],
]);

/** The server knows no version that we do, or could not read what it was sent. */
function readRefusal(message: unknown): RpcMessage {
  const said = textOf(message, "reason");
  const failure = { code: undefined, message: said ?? "the server does not accept version 1 of DDP", data: message };
  return { kind: "failure", id: undefined, failure };
}

/** A call that gives nothing has no `result`. */
function readAnswer(message: unknown): RpcMessage | undefined {
  const id = idOf(fieldOf(message, "id"));
  if (id === undefined) return isForeign(message) ? { kind: "noise" } : undefined;
  const error = fieldOf(message, "error");
  if (error !== undefined && error !== null) return { kind: "failure", id, failure: readFailure(error) };
  return { kind: "result", id, result: fieldOf(message, "result") ?? null };
}

function readFailure(error: unknown): RpcFailure {
  return { code: undefined, message: textOf(error, "reason") ?? textOf(error, "message") ?? "", data: error };
}

/** The answer to a subscription; TrueNAS answers each with a message of its own. */
function readReady(message: unknown): RpcMessage | undefined {
  const subs = fieldOf(message, "subs");
  const id = Array.isArray(subs) ? idOf(subs[0]) : undefined;
  return id === undefined ? { kind: "noise" } : { kind: "result", id, result: null };
}

/** Meteor names the subscription by its id, TrueNAS by what it was for. */
function readEnd(message: unknown): RpcMessage {
  const name = textOf(message, "collection");
  if (name !== undefined) return { kind: "ended", name };
  const id = idOf(fieldOf(message, "id"));
  return id === undefined
    ? { kind: "noise" }
    : { kind: "failure", id, failure: readFailure(fieldOf(message, "error")) };
}

function readEvent(message: unknown): RpcMessage {
  const name = textOf(message, "collection");
  return name === undefined ? { kind: "noise" } : { kind: "event", event: { name, body: message } };
}
