import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { milliseconds, minutes, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { failureOf } from "../http/__fixtures__/failures.ts";
import { jsonRpcWire } from "./json-rpc-wire.ts";
import { closeRpcServers, startRpcServer, type RpcServer } from "../../../test/helpers/rpc-server.ts";

let server: RpcServer;
beforeEach(async () => {
  server = await startRpcServer();
});
afterEach(closeRpcServers);

const soon = { everyMs: 2 };

describe("a socket that is lost", () => {
  it("is opened anew, and its calls are sent once more", async () => {
    server.onCall = ({ nth, socket, answer, params }) => (nth === 1 ? socket.terminate() : answer(params[0]));
    const client = server.client();
    const results = await Promise.all([1, 2, 3].map(async (n) => client.call({ method: "echo", params: [n] })));
    expect(results).toEqual([1, 2, 3]);
    expect(client.stats).toMatchObject({ logins: 2, lost: 1, calls: 6 });
  });

  it("for the second time fails the call, which says how the server closed it", async () => {
    server.onCall = ({ socket }) => socket.close(1009, "the-key-of-this-test is too long");
    const error = await failureOf(server.client().call({ method: "x" }));
    expect([error.reason, error.message]).toEqual([
      "connection_reset",
      `${server.url}: x: the socket was closed before the answer came (1009: the server takes no message as large as what it was sent)`,
    ]);
    expect(server.sockets).toHaveLength(2);
  });

  it("since the server allows none from this address is no matter of the network", async () => {
    server.onSocket = (socket) => socket.close(1008, "You are not allowed to access this resource");
    const client = server.client();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const error = await failureOf(client.call({ method: "x" }));
      expect([error.reason, error.message]).toEqual([
        "forbidden",
        expect.stringContaining("(1008: the server allows no connection from this address"),
      ]);
    }
  });

  it("in the middle of an answer, and one that only ends its side, are lost too", async () => {
    server.onCall = ({ nth, socket, id, answer }) => {
      if (nth === 2) return answer("third time lucky");
      socket.send(`{"jsonrpc":"2.0","id":${id},"res`, { fin: false });
      server.connections.at(-1)?.end();
    };
    expect(await server.client().call({ method: "x" })).toBe("third time lucky");
  });

  it("does not keep a call beyond its deadline", async () => {
    const wait = seconds(1.9);
    const client = server.client({ pace: { firstWait: wait, lastWait: wait, window: minutes(1), openings: 2 } });
    await client.call({ method: "x" });
    server.onCall = ({ socket }) => socket.terminate();
    const error = await failureOf(client.call({ method: "x", timeout: milliseconds(150) }));
    expect(error.reason).toBe("timeout");
    expect(server.sockets).toHaveLength(1);
  });

  it("between calls is opened by the next call only", async () => {
    const client = server.client();
    await client.call({ method: "x" });
    server.drop();
    await waitUntil("the loss was seen", () => client.stats.lost === 1, soon);
    expect(server.connections).toHaveLength(1);
    expect(await client.call({ method: "echo", params: [2] })).toBe(2);
    expect(client.stats).toMatchObject({ logins: 2, calls: 2 });
  });

  it("because of a message that is too large fails those under way with that reason", async () => {
    server.onCall = ({ answer }) => answer("x".repeat(2_000));
    const client = server.client({ maxMessageBytes: 1_000 });
    const error = await failureOf(client.call({ method: "x" }));
    expect([error.reason, error.message]).toEqual([
      "body_too_large",
      `${server.url}: x: a message is larger than 1000 bytes`,
    ]);
    server.onCall = ({ answer }) => answer(1);
    expect(await client.call({ method: "x" })).toBe(1);
    expect(server.calls).toHaveLength(2);
  });

  it("because what comes is no WebSocket's fails those under way", async () => {
    server.onCall = () => server.connections.at(-1)?.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    const error = await failureOf(server.client().call({ method: "x" }));
    expect(error.reason).toBe("invalid_response");
    expect(error.message).toMatch(/: x: what came is no WebSocket's \(WS_ERR_\w+\)$/);
  });

  it("when the session has ended takes the call to the next, once", async () => {
    server.onCall = ({ nth, fail, answer }) => (nth === 1 ? fail(-32001, "ENOTAUTHENTICATED") : answer(nth));
    const options = { isSessionLost: ({ message }: { message: string }) => message === "ENOTAUTHENTICATED" };
    const client = server.client(options);
    expect(await client.call({ method: "x" })).toBe(2);
    server.onCall = ({ fail }) => fail(-32001, "ENOTAUTHENTICATED");
    expect((await failureOf(client.call({ method: "y" }))).message).toMatch(/: y: ENOTAUTHENTICATED \(-32001\)$/);
    expect(server.sockets).toHaveLength(3);
  });
});

describe("a silent socket", () => {
  it("whose peer is gone is dropped, and the call under way goes to the next", async () => {
    const client = server.client({ pace: { silence: milliseconds(80) } });
    await client.call({ method: "x" });
    server.connections[0]?.pause();
    expect(await client.call({ method: "echo", params: ["on the next"] })).toBe("on the next");
    expect(server.sockets).toHaveLength(2);
  });

  it("whose peer is gone is dropped between calls too", async () => {
    const client = server.client({ pace: { silence: milliseconds(40) } });
    await client.call({ method: "x" });
    server.connections[0]?.pause();
    await waitUntil("the loss was seen", () => client.stats.lost === 1, soon);
    expect(server.sockets).toHaveLength(1);
  });

  it("whose peer answers pings stays, however long a call takes", async () => {
    const silence = milliseconds(40);
    const client = server.client({ pace: { silence } });
    server.onCall = () => {};
    const slow = client.call({ method: "slow" });
    await waitUntil("it is under way", () => server.calls.length === 1, soon);
    let pings = 0;
    server.sockets[0]?.on("ping", () => pings++);
    await waitUntil("it was asked again and again", () => pings >= 6, soon);
    server.calls[0]?.answer("at last");
    expect(await slow).toBe("at last");
    expect(client.stats.lost).toBe(0);
  });

  it("on which many calls were given up is opened anew", async () => {
    server.onCall = ({ nth, answer }) => (nth === 1 ? undefined : answer(nth));
    const client = server.client({ maxInFlight: 2 });
    const caller = new AbortController();
    const givenUp = [1, 2].map(async () => client.call({ method: "hangs", signal: caller.signal }));
    await waitUntil("they are under way", () => server.calls.length === 2, soon);
    caller.abort(new Error("enough"));
    for (const call of givenUp) await expect(call).rejects.toThrow("enough");
    expect(await client.call({ method: "x" })).toBe(2);
  });
});

describe("the pace", () => {
  it("never lets more sockets be opened than the window takes, whatever happens", async () => {
    const window = milliseconds(400);
    // the moment that the pace was told: by the next look at the clock a busy machine may have waited
    const clock = vi.spyOn(performance, "now");
    onTestFinished(() => clock.mockRestore());
    const openedAt: number[] = [];
    const client = server.client({
      pace: { firstWait: milliseconds(1), lastWait: milliseconds(1), openings: 4, window },
      locate: async () => {
        openedAt.push(Number(clock.mock.results.at(-1)?.value));
        return { url: server.url, wire: jsonRpcWire };
      },
    });
    server.onCall = ({ socket }) => socket.terminate();
    const end = performance.now() + 1_000;
    while (performance.now() < end) await failureOf(client.call({ method: "x" }));
    expect(openedAt.length).toBeGreaterThan(4);
    for (const [i, at] of openedAt.entries()) {
      // sums of fractions are right to some digits
      expect((openedAt[i + 4] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThan(window - 1e-6);
    }
  });

  it("fails calls at once, with the last reason and the time of the next attempt, when the wait is long", async () => {
    server.onLogin = ({ fail }) => fail(-32001, "not this key: the-key-of-this-test");
    const refuse = new CollectError("unauthorized", "the key is refused");
    const client = server.client({
      login: async (call) =>
        call("login", ["the-key-of-this-test"]).then(
          () => {},
          () => {
            throw refuse;
          },
        ),
    });
    expect((await failureOf(client.call({ method: "x" }))).message).toBe("the key is refused");
    const error = await failureOf(client.call({ method: "x", timeout: milliseconds(200) }));
    expect([error.reason, error.message]).toEqual(["unauthorized", "the key is refused; the next attempt is in 60s"]);
    expect(server.sockets).toHaveLength(1);
  });

  it("holds a call for a short wait", async () => {
    server.onLogin = ({ nth, fail, answer }) => (nth === 1 ? fail(-1, "not yet") : answer(true));
    const client = server.client({ pace: { firstWait: milliseconds(60), lastWait: milliseconds(60) } });
    expect((await failureOf(client.call({ method: "x" }))).message).toBe(`${server.url}: login: not yet (-1)`);
    expect(await client.call({ method: "echo", params: [1] })).toBe(1);
    expect(server.sockets).toHaveLength(2);
  });
});
