import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { milliseconds, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { failureOf } from "../http/__fixtures__/failures.ts";
import { closeRpcServers, startRpcServer, type RpcServer, type ServerCall } from "../../../test/helpers/rpc-server.ts";
import { RpcError } from "./rpc-error.ts";

let server: RpcServer;
beforeEach(async () => {
  server = await startRpcServer();
});
afterEach(closeRpcServers);

/** Waits until the server has got that many calls, and gives them. */
const callsOf = (count: number): Promise<readonly ServerCall[]> =>
  waitUntil(`${count} calls came`, () => server.calls.length >= count && server.calls, { everyMs: 2 });

/** A deadline of the caller that passes when it is told to. */
function deadline(): { readonly signal: AbortSignal; abort(): void } {
  const caller = new AbortController();
  return { signal: caller.signal, abort: () => caller.abort(new DOMException("late", "TimeoutError")) };
}

describe("a call", () => {
  it("opens the socket, logs in once, and gives the result", async () => {
    const client = server.client();
    expect(server.connections).toHaveLength(0);
    expect(await client.call({ method: "echo", params: [{ a: [1, null] }] })).toEqual({ a: [1, null] });
    expect(await client.call({ method: "echo" })).toBeNull();
    expect(server.connections).toHaveLength(1);
    expect(client.stats).toMatchObject({ logins: 1, calls: 2, lost: 0 });
  });

  it("shares one socket with those that come while it is opened", async () => {
    const client = server.client();
    const results = await Promise.all([1, 2, 3].map(async (n) => client.call({ method: "echo", params: [n] })));
    expect(results).toEqual([1, 2, 3]);
    expect(server.sockets).toHaveLength(1);
  });

  it("gets its own answer, whatever the order of the answers", async () => {
    server.onCall = () => {};
    const client = server.client();
    const results = Promise.all([1, 2, 3].map(async (n) => client.call({ method: "echo", params: [n] })));
    for (const call of (await callsOf(3)).toReversed()) call.answer(call.params[0]);
    expect(await results).toEqual([1, 2, 3]);
  });

  it("waits for a place when as many are under way as may be", async () => {
    server.onCall = () => {};
    const client = server.client({ maxInFlight: 2 });
    const results = [1, 2, 3].map(async (n) => client.call({ method: "echo", params: [n] }));
    const [first] = await callsOf(2);
    await server.heard();
    expect(server.calls).toHaveLength(2);
    first?.answer("done");
    expect(await results[0]).toBe("done");
    for (const call of (await callsOf(3)).slice(1)) call.answer("done");
    expect(await Promise.all(results)).toEqual(["done", "done", "done"]);
  });

  it("leaves the queue at once when its deadline or its caller ends it", async () => {
    server.onCall = () => {};
    const client = server.client({ maxInFlight: 1 });
    const first = client.call({ method: "first" });
    await callsOf(1);
    const late = await failureOf(client.call({ method: "second", timeout: milliseconds(20) }));
    expect(late.reason).toBe("timeout");
    expect(late.message).toBe(`${server.url}: second: no complete answer within 20ms`);
    const caller = new AbortController();
    const third = client.call({ method: "third", signal: caller.signal });
    caller.abort(new Error("enough"));
    await expect(third).rejects.toThrow("enough");
    server.calls[0]?.answer("one");
    expect(await first).toBe("one");
    server.onCall = (call) => call.answer("four");
    expect(await client.call({ method: "fourth" })).toBe("four");
    expect(server.calls.map(({ method }) => method)).toEqual(["first", "fourth"]);
  });

  it("ends with its deadline, and its late answer is noise", async () => {
    server.onCall = () => {};
    const client = server.client();
    const { signal, abort } = deadline();
    const call = failureOf(client.call({ method: "slow", signal }));
    const [slow] = await callsOf(1);
    abort();
    const error = await call;
    expect([error.reason, error.message]).toEqual([
      "timeout",
      `${server.url}: slow: no complete answer before the caller's deadline`,
    ]);
    slow?.answer("late");
    slow?.answer("twice");
    server.onCall = (call) => call.answer("own");
    expect(await client.call({ method: "next" })).toBe("own");
    expect(server.sockets).toHaveLength(1);
  });

  it("reads answers of many megabytes, in one frame or in pieces", async () => {
    const big = "x".repeat(4_000_000);
    const client = server.client();
    server.onCall = ({ answer }) => answer(big);
    expect(await client.call({ method: "large" })).toHaveLength(4_000_000);
    server.onCall = ({ socket, id }) => {
      const text = JSON.stringify({ jsonrpc: "2.0", id, result: `ü${big}` });
      for (let at = 0; at < text.length; at += 100_000) {
        socket.send(text.slice(at, at + 100_000), { fin: at + 100_000 >= text.length });
      }
    };
    expect(await client.call({ method: "large" })).toBe(`ü${big}`);
    expect(client.stats.bytesReceived).toBeGreaterThan(8_000_000);
  }, 30_000);
});

describe("a socket that is wanted before any call", () => {
  it("is opened and logged in, once, and says why it can not be, at each question", async () => {
    const client = server.client();
    await Promise.all([client.open({}), client.open({})]);
    await client.open({});
    expect(client.stats).toMatchObject({ logins: 1, calls: 0 });
    server.onLogin = ({ fail }) => fail(-32001, "not today");
    server.drop();
    await waitUntil("the loss was seen", () => client.stats.lost === 1, { everyMs: 2 });
    for (let i = 0; i < 2; i += 1) expect((await failureOf(client.open({}))).message).toContain("not today");
    server.onLogin = () => {};
    expect((await failureOf(client.open({ timeout: milliseconds(20) }))).reason).toBe("timeout");
  });
});

describe("a refused call", () => {
  it("is an error with the server's own code and words, and nothing that it was given", async () => {
    server.onCall = ({ fail }) => fail(-32001, "no such pool: tank-of-secrets, t0ps3cret", { errname: "ENOENT" });
    const params = [["tank-of-secrets"], { key: new Secret("t0ps3cret") }];
    const error = await failureOf(server.client().call({ method: "pool.query", params }));
    expect(error).toBeInstanceOf(RpcError);
    expect(error.reason).toBe("server_error");
    expect(error.message).toBe(`${server.url}: pool.query: no such pool: <redacted>, <redacted> (-32001)`);
    expect(error instanceof RpcError && error.failure.data).toEqual({ errname: "ENOENT" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("t0ps3cret");
    expect(server.calls[0]?.params).toEqual([["tank-of-secrets"], { key: "t0ps3cret" }]);
  });

  it.each([
    [-32601, "not_found"],
    [-32602, "internal"],
    [-32000, "server_error"],
    [5, "server_error"],
  ])("with code %d has the reason %s", async (code, reason) => {
    server.onCall = ({ fail }) => fail(code, "no");
    expect((await failureOf(server.client().call({ method: "x" }))).reason).toBe(reason);
  });

  it("that can not be written fails by itself", async () => {
    const client = server.client();
    await expect(client.call({ method: "x", params: [1n] })).rejects.toMatchObject({ reason: "internal" });
    expect(await client.call({ method: "echo", params: [1] })).toBe(1);
  });
});

describe("what is no answer", () => {
  const NOISE = [
    "no JSON",
    "",
    "null",
    "7",
    "[]",
    `[{"jsonrpc":"2.0","id":1,"result":1}]`,
    `{"id":1,"result":1}`,
    `{"jsonrpc":"2.0","id":{},"result":1}`,
    `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Invalid JSON"}}`,
  ];

  it.each(NOISE)("fails the one call under way: %s", async (text) => {
    server.onCall = () => server.say(text);
    const client = server.client();
    const error = await failureOf(client.call({ method: "x" }));
    expect([error.reason, error.message]).toEqual([
      "invalid_response",
      `${server.url}: x: what came in place of an answer can not be read`,
    ]);
    server.onCall = ({ answer }) => answer(2);
    expect(await client.call({ method: "x" })).toBe(2);
    expect(server.sockets).toHaveLength(1);
  });

  it("fails the one of several calls that stays without an answer", async () => {
    server.onCall = () => {};
    const client = server.client();
    const [one, two, three] = ["one", "two", "three"].map(async (method) => client.call({ method }));
    const calls = await callsOf(3);
    server.say("no JSON");
    await server.heard();
    const later = client.call({ method: "later" });
    await callsOf(4);
    calls[0]?.answer(1);
    calls[2]?.answer(3);
    expect(await Promise.all([one, three])).toEqual([1, 3]);
    expect((await failureOf(two ?? later)).reason).toBe("invalid_response");
    server.calls[3]?.answer(4);
    expect(await later).toBe(4);
  });

  it("is named as the cause when calls end by their deadline", async () => {
    server.onCall = () => {};
    const client = server.client();
    const { signal, abort } = deadline();
    const calls = ["one", "two"].map(async (method) => failureOf(client.call({ method, signal })));
    await callsOf(2);
    server.say("no JSON");
    await server.heard();
    abort();
    expect((await Promise.all(calls)).map(({ reason }) => reason)).toEqual(["invalid_response", "invalid_response"]);
  });

  it("is noise when it belongs to no call", async () => {
    const client = server.client();
    await client.call({ method: "x" });
    for (const text of [...NOISE, `{"jsonrpc":"2.0","id":999,"result":1}`]) server.say(text);
    server.say(`{"jsonrpc":"2.0","id":999,"error":{"code":1,"message":"no"}}`);
    server.say(`{"jsonrpc":"2.0","method":"unheard_of","params":{"collection":"x"}}`);
    await server.heard();
    expect(await client.call({ method: "echo", params: [1] })).toBe(1);
    expect(server.sockets).toHaveLength(1);
  });

  it("fails the call that it names", async () => {
    server.onCall = ({ id }) => server.say(`{"jsonrpc":"2.0","id":${id}}`);
    const error = await failureOf(server.client().call({ method: "x" }));
    expect(error.message).toBe(`${server.url}: x: the answer is neither a result nor an error`);
  });
});

describe("a closed client", () => {
  it("has ended its calls and its socket, and takes no more", async () => {
    server.onCall = () => {};
    const client = server.client({ maxInFlight: 1 });
    const calls = ["under way", "waiting"].map(async (method) => failureOf(client.call({ method })));
    await callsOf(1);
    const codes: number[] = [];
    server.sockets[0]?.once("close", (code) => codes.push(code));
    await Promise.all([client.close(), client.close()]);
    await client.close();
    for (const error of await Promise.all(calls)) {
      expect([error.reason, error.message]).toEqual(["internal", expect.stringContaining("the client is closed")]);
    }
    expect((await failureOf(client.call({ method: "x" }))).message).toContain("the client is closed");
    await waitUntil("the server saw it", () => codes.length === 1, { everyMs: 2 });
    expect(codes).toEqual([1000]);
    expect(server.sockets).toHaveLength(1);
  });

  it("does not wait for a socket that is being opened", async () => {
    server.onLogin = () => {};
    const client = server.client({ pace: { open: seconds(60) } });
    const call = failureOf(client.call({ method: "x" }));
    await waitUntil("the login began", () => client.stats.logins === 1, { everyMs: 2 });
    await client.close();
    expect(await call).toBeInstanceOf(CollectError);
  });

  it("is closed too when what the server says last can not be read", async () => {
    const client = server.client();
    await client.call({ method: "x" });
    const [connection] = server.connections;
    // a frame with reserved bits
    connection?.write(Buffer.from([0xf1, 0x00]));
    await expect(client.close()).resolves.toBeUndefined();
  });

  it("may be one that was never used", async () => {
    await server.client().close();
    expect(server.connections).toHaveLength(0);
  });
});
