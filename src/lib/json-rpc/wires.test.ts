import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.ts";
import { ddpWire } from "./ddp-wire.ts";
import { jsonRpcWire } from "./json-rpc-wire.ts";

describe("JSON-RPC", () => {
  it("writes calls and subscriptions with secrets as they are", () => {
    expect(JSON.parse(jsonRpcWire.writeCall(7, "auth.login", [{ key: new Secret("k3y") }, 1]))).toEqual({
      jsonrpc: "2.0",
      id: 7,
      method: "auth.login",
      params: [{ key: "k3y" }, 1],
    });
    expect(JSON.parse(jsonRpcWire.writeSubscription(8, "alert.list"))).toMatchObject({
      id: 8,
      method: "core.subscribe",
      params: ["alert.list"],
    });
  });

  const error = { code: -32001, message: "Method call error", data: { errname: "ENOENT" } };
  const changed = { msg: "changed", collection: "pool.query", id: 1, fields: {} };
  it.each([
    [
      { id: 1, result: null },
      { kind: "result", id: 1, result: null },
    ],
    [
      { id: "12", result: [] },
      { kind: "result", id: 12, result: [] },
    ],
    [
      { id: 1, error: null, result: 2 },
      { kind: "result", id: 1, result: 2 },
    ],
    [
      { id: 1, error },
      { kind: "failure", id: 1, failure: error },
    ],
    [
      { id: null, error },
      { kind: "failure", id: undefined, failure: error },
    ],
    [
      { id: 1, error: {} },
      { kind: "failure", id: 1, failure: { code: undefined, message: "", data: undefined } },
    ],
    [{ id: 1 }, { kind: "broken", id: 1 }],
    [
      { id: 1, error: "odd" },
      { kind: "broken", id: 1 },
    ],
    [{ id: 1.5, result: 1 }, undefined],
    [
      { method: "collection_update", params: changed },
      { kind: "event", event: { name: "pool.query", body: changed } },
    ],
    [
      { method: "notify_unsubscribed", params: { collection: "a", error: null } },
      { kind: "ended", name: "a" },
    ],
    [{ method: "collection_update", params: [] }, { kind: "noise" }],
    [{ method: "other", params: changed }, { kind: "noise" }],
  ])("reads %j", (message, read) => {
    expect(jsonRpcWire.read({ jsonrpc: "2.0", ...message })).toEqual(read);
  });
});

describe("DDP", () => {
  it("greets and writes calls and subscriptions with texts as their numbers", () => {
    expect(JSON.parse(ddpWire.greeting ?? "")).toEqual({ msg: "connect", version: "1", support: ["1"] });
    const call = { id: "7", msg: "method", method: "auth.login", params: ["k3y"] };
    expect(JSON.parse(ddpWire.writeCall(7, "auth.login", [new Secret("k3y")]))).toEqual(call);
    expect(JSON.parse(ddpWire.writeSubscription(8, "a"))).toEqual({ id: "8", msg: "sub", name: "a" });
  });

  const error = { error: 2, errname: "ENOENT", type: null, reason: "no such pool", trace: null, extra: null };
  const changed = { msg: "changed", collection: "pool.query", id: 1, fields: {} };
  const noDdp = { msg: "failed", version: "pre2" };
  it.each([
    [{ msg: "connected", session: "s" }, { kind: "ready" }],
    [
      { msg: "result", id: "7", result: [1] },
      { kind: "result", id: 7, result: [1] },
    ],
    [
      { msg: "result", id: "7" },
      { kind: "result", id: 7, result: null },
    ],
    [
      { msg: "result", id: "7", error },
      { kind: "failure", id: 7, failure: { code: undefined, message: "no such pool", data: error } },
    ],
    [{ msg: "result", id: "x" }, { kind: "noise" }],
    [{ msg: "result" }, undefined],
    [
      { msg: "ready", subs: ["8"] },
      { kind: "result", id: 8, result: null },
    ],
    [{ msg: "ready" }, { kind: "noise" }],
    [
      { msg: "nosub", collection: "a", error },
      { kind: "ended", name: "a" },
    ],
    [
      { msg: "nosub", id: "8", error: { reason: "no" } },
      { kind: "failure", id: 8, failure: { code: undefined, message: "no", data: { reason: "no" } } },
    ],
    [{ msg: "nosub" }, { kind: "noise" }],
    [changed, { kind: "event", event: { name: "pool.query", body: changed } }],
    [
      { msg: "ping", id: "p" },
      { kind: "noise", reply: `{"msg":"pong","id":"p"}` },
    ],
    [{ msg: "ping" }, { kind: "noise", reply: `{"msg":"pong"}` }],
    [{ msg: "updated", methods: [] }, { kind: "noise" }],
    [{ server_id: "0" }, { kind: "noise" }],
    [
      noDdp,
      {
        kind: "failure",
        id: undefined,
        failure: { code: undefined, message: "the server does not accept version 1 of DDP", data: noDdp },
      },
    ],
    [{}, undefined],
  ])("reads %j", (message, read) => {
    expect(ddpWire.read(message)).toEqual(read);
  });
});

describe("both", () => {
  it("read any JSON without a fault, and take no foreign one for an answer", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const wire of [jsonRpcWire, ddpWire]) expect(wire.read(value)).toBeUndefined();
      }),
    );
    const id = fc.oneof(fc.jsonValue(), fc.nat());
    const message = fc.record(
      { jsonrpc: fc.constant("2.0"), id, method: fc.jsonValue(), params: fc.jsonValue(), error: fc.jsonValue() },
      { requiredKeys: ["jsonrpc"] },
    );
    fc.assert(fc.property(message, (value) => void jsonRpcWire.read(value)));
    const msg = fc.constantFrom("connected", "failed", "result", "ready", "nosub", "added", "ping", "error");
    const ddp = fc.record({ msg, id, subs: fc.jsonValue(), collection: fc.jsonValue(), error: fc.jsonValue() });
    fc.assert(fc.property(ddp, (value) => void ddpWire.read(value)));
  });
});
