import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { milliseconds } from "../../core/duration.ts";
import { closeRpcServers, startRpcServer, type RpcServer, type ServerCall } from "../../../test/helpers/rpc-server.ts";

let server: RpcServer;
beforeEach(async () => {
  server = await startRpcServer();
});
afterEach(closeRpcServers);

describe("subscriptions", () => {
  it("bring what the server tells under their name", async () => {
    const client = server.client();
    const heard: unknown[] = [];
    client.subscribe(
      "alert.list",
      ({ body }) => heard.push(body),
      () => heard.push("gap"),
    );
    await client.call({ method: "x" });
    expect(server.subscriptions).toEqual(["alert.list"]);
    server.tell("pool.query", 1);
    server.tell("alert.list", 2);
    await client.call({ method: "x" });
    expect(heard).toEqual([{ msg: "changed", collection: "alert.list", fields: 2 }]);
  });

  it("are asked for once, also on a socket that is open already, and end", async () => {
    const client = server.client();
    await client.call({ method: "x" });
    const heard: string[] = [];
    const end = client.subscribe(
      "a",
      () => heard.push("first"),
      () => {},
    );
    client.subscribe(
      "a",
      () => heard.push("second"),
      () => {},
    );
    await waitUntil("it was asked for", () => server.subscriptions.length === 1, { everyMs: 2 });
    server.tell("a", 1);
    await client.call({ method: "x" });
    end();
    server.tell("a", 2);
    await client.call({ method: "x" });
    expect(heard).toEqual(["first", "second", "second"]);
    expect(server.subscriptions).toEqual(["a"]);
  });

  it("that begin while the socket is opened are asked for once too", async () => {
    const login = Promise.withResolvers<ServerCall>();
    server.onLogin = login.resolve;
    const client = server.client();
    const call = client.call({ method: "x" });
    const loggingIn = await login.promise;
    client.subscribe(
      "a",
      () => {},
      () => {},
    );
    loggingIn.answer(true);
    await call;
    await server.heard();
    expect(server.subscriptions).toEqual(["a"]);
  });

  it("hear what the server tells in the moment of the upgrade", async () => {
    const client = server.client();
    const heard: unknown[] = [];
    client.subscribe(
      "a",
      ({ name }) => heard.push(name),
      () => {},
    );
    // both in one write, so that they come as one
    server.onUpgrade = (connection) => {
      connection.cork();
      setImmediate(() => connection.uncork());
      return false;
    };
    server.onSocket = () => server.tell("a", 1);
    await client.call({ method: "x" });
    expect(heard).toEqual(["a"]);
  });

  it("tell of a gap when a listener can not use an event, and when the server refuses", async () => {
    const client = server.client();
    const gaps: string[] = [];
    const clumsy = (): never => {
      throw new Error("odd");
    };
    client.subscribe("a", clumsy, () => gaps.push("a"));
    await client.call({ method: "x" });
    server.tell("a", 1);
    await client.call({ method: "x" });
    expect(gaps).toEqual(["a"]);
    server.onSubscribe = ({ fail }) => fail(-32001, "Not authorized");
    client.subscribe(
      "b",
      () => {},
      () => gaps.push("b"),
    );
    await waitUntil("it was refused", () => gaps.includes("b"), { everyMs: 2 });
  });

  it("are asked for anew, with a gap, after the server ended them", async () => {
    const client = server.client();
    const gaps: number[] = [];
    const heard: unknown[] = [];
    client.subscribe(
      "a",
      ({ name }) => heard.push(name),
      () => gaps.push(server.subscriptions.length),
    );
    await client.call({ method: "x" });
    server.say(`{"jsonrpc":"2.0","method":"notify_unsubscribed","params":{"collection":"a","error":null}}`);
    await waitUntil("it was asked for anew", () => gaps.length === 2, { everyMs: 2 });
    expect(gaps).toEqual([1, 2]);
    server.tell("a", 1);
    await client.call({ method: "x" });
    expect(heard).toEqual(["a"]);
  });

  it("are asked for again, on the same socket, after the server refused them, as long as they are wanted", async () => {
    const client = server.client();
    await client.call({ method: "x" });
    server.onSubscribe = ({ fail }) => fail(-32000, "too much to do");
    const gaps: string[] = [];
    const listen = (name: string): (() => void) =>
      client.subscribe(
        name,
        () => {},
        () => gaps.push(name),
      );
    listen("a");
    const end = listen("b");
    await waitUntil("they were refused", () => gaps.length === 2, { everyMs: 2 });
    end();
    await waitUntil("it was refused again", () => server.subscriptions.length > 3, { everyMs: 2 });
    expect(gaps).toEqual(["a", "b"]);
    server.onSubscribe = ({ answer }) => answer("subscribed");
    await waitUntil("the server agreed", () => gaps.length === 3, { everyMs: 2 });
    expect(gaps).toEqual(["a", "b", "a"]);
    expect(server.subscriptions.filter((name) => name === "b")).toHaveLength(1);
    expect(server.sockets).toHaveLength(1);
  });

  it("that hang keep no call from its answer, nor the others", async () => {
    const client = server.client({ pace: { open: milliseconds(900) } });
    const heard: string[] = [];
    const gaps: string[] = [];
    for (const name of ["a", "b"])
      client.subscribe(
        name,
        () => heard.push(name),
        () => gaps.push(name),
      );
    server.onSubscribe = ({ answer, params }) => {
      if (params[0] === "b") answer("subscribed");
    };
    expect(await client.call({ method: "echo", params: [1] })).toBe(1);
    expect(gaps).toEqual(["a"]);
    server.tell("b", 1);
    await client.call({ method: "echo" });
    expect(heard).toEqual(["b"]);
    expect(server.sockets).toHaveLength(1);
  });

  it("come back with the next socket, before any call", async () => {
    const client = server.client();
    const gaps: string[] = [];
    client.subscribe(
      "a",
      () => {},
      () => gaps.push("a"),
    );
    const end = client.subscribe(
      "b",
      () => {},
      () => gaps.push("b"),
    );
    await client.call({ method: "x" });
    end();
    server.drop();
    await waitUntil("the loss was seen", () => client.stats.lost === 1, { everyMs: 2 });
    expect(gaps).toEqual(["a"]);
    let asked = 0;
    server.onSubscribe = (call) => {
      asked = server.calls.length;
      setTimeout(() => call.answer("subscribed"), 20);
    };
    await client.call({ method: "x" });
    expect(server.subscriptions).toEqual(["a", "b", "a"]);
    expect([asked, server.calls.length]).toEqual([1, 2]);
  });
});
