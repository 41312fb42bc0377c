import { Agent, request } from "undici";
import { expect, it, onTestFinished } from "vitest";
import type { TrueNasLab, TrueNasLabOptions } from "./contract.ts";
import { openRaw, type RawClient } from "./raw-client.ts";
import { startTrueNasLab } from "./truenas-lab.ts";

async function start(options: TrueNasLabOptions = {}): Promise<TrueNasLab> {
  const lab = await startTrueNasLab(options);
  onTestFinished(() => lab.close());
  return lab;
}

async function open(lab: TrueNasLab, path = "/api/current"): Promise<RawClient> {
  const client = await openRaw(lab, path);
  onTestFinished(() => client.close());
  return client;
}

async function openIn(lab: TrueNasLab, path?: string): Promise<RawClient> {
  const client = await open(lab, path);
  await client.call("auth.login_with_api_key", lab.apiKey);
  return client;
}

async function get(lab: TrueNasLab, path: string, headers: Record<string, string> = {}) {
  const dispatcher = new Agent({ connect: { ca: lab.caPem } });
  const { statusCode, headers: answered, body } = await request(`${lab.url}${path}`, { dispatcher, headers });
  const text = await body.text();
  await dispatcher.close();
  return { status: statusCode, type: answered["content-type"], location: answered["location"], text };
}

const errorOf = (answer: unknown): unknown => (answer as { error?: unknown }).error;

it("lists the versions of its API, and opens sockets for these alone", async () => {
  const lab = await start({ release: "26" });
  const versions = JSON.parse((await get(lab, "/api/versions")).text) as string[];
  expect(versions).toEqual(expect.arrayContaining(["v25.04.0", "v25.10.2", "v26.0.0"]));
  expect(versions.at(-1)).toBe("v26.0.0");
  for (const version of versions) await open(lab, `/api/${version}`);
  await expect(open(lab, "/api/v27.0.0")).rejects.toThrow("404");
  await expect(open(lab, "/api/versions")).rejects.toThrow("404");
  expect(lab.stats.sockets).toBe(versions.length);
  expect(lab.requests.map(({ path }) => path)).toContain("/api/v27.0.0");
});

it("answers by the shapes of the version that a socket was opened for", async () => {
  const lab = await start({ release: "26" });
  const old = await openIn(lab, "/api/v25.10.0");
  expect(errorOf(await old.call("zfs.resource.snapshot.query", {}))).toMatchObject({ code: -32_601 });
  const current = await openIn(lab);
  expect(errorOf(await current.call("zfs.resource.snapshot.query", {}))).not.toMatchObject({ code: -32_601 });
});

it("has neither versions nor JSON-RPC in 24.10, and a web interface in all", async () => {
  const lab = await start({ release: "24.10" });
  expect(await get(lab, "/api/versions")).toMatchObject({ status: 404, text: "404: Not Found" });
  await expect(open(lab)).rejects.toThrow("404");
  expect(await get(lab, "/")).toMatchObject({ status: 302, location: `${lab.url}/ui/` });
  expect(await get(lab, "/ui/")).toMatchObject({ status: 200, type: "text/html" });
});

it("answers REST up to 25.10, which 25.10 warns of, and no more in 26", async () => {
  const lab = await start({ release: "25.10" });
  expect(await get(lab, "/api/v2.0/system/info")).toMatchObject({ status: 401 });
  const answer = await get(lab, "/api/v2.0/system/info/", { authorization: `Bearer ${lab.apiKey}` });
  expect(JSON.parse(answer.text)).toMatchObject({ hostname: expect.any(String) as unknown });
  expect(JSON.stringify(lab.state.system.alerts)).toMatch(/REST/i);
  const newer = await start({ release: "26" });
  expect(await get(newer, "/api/v2.0/system/info")).toMatchObject({ status: 404 });
});

it("refuses what is no request in the words of JSON-RPC", async () => {
  const client = await openIn(await start());
  const unasked = async (text: string): Promise<unknown> => {
    client.sendText(text);
    return errorOf(await client.next(({ id }) => id === null));
  };
  expect(await unasked("{")).toMatchObject({ code: -32_700 });
  expect(await unasked("[]")).toEqual({ code: -32_700, message: "Batch messages are not supported yet" });
  expect(await unasked("7")).toMatchObject({ code: -32_700, message: "Invalid Message Format" });
  expect(await unasked('{"jsonrpc":"2.0"}')).toMatchObject({ code: -32_600 });
  expect(await unasked('{"jsonrpc":"1.0","method":"core.ping"}')).toMatchObject({ code: -32_600 });
  expect(await unasked('{"jsonrpc":"2.0","method":"core.ping","params":{}}')).toMatchObject({ code: -32_600 });
  expect(await unasked('{"jsonrpc":"2.0","method":"core.ping","id":1,"more":1}')).toMatchObject({ code: -32_600 });
  expect(errorOf(await client.call("core.pong"))).toEqual({ code: -32_601, message: "Method does not exist" });
  expect(errorOf(await client.call("core.subscribe"))).toMatchObject({
    code: -32_602,
    data: {
      error: 22,
      errname: "EINVAL",
      extra: [["event", "Field required", 22]],
      trace: { class: "ValidationErrors" },
    },
  });
  expect(await client.call("core.ping")).toMatchObject({ jsonrpc: "2.0", result: "pong" });
});

it("asks for a login and for roles", async () => {
  const lab = await start();
  const client = await open(lab);
  expect(errorOf(await client.call("pool.query"))).toMatchObject({
    code: -32_001,
    message: "Method call error",
    data: { error: 207, errname: "ENOTAUTHENTICATED", reason: "[ENOTAUTHENTICATED] Not authenticated", extra: null },
  });
  await client.call("auth.login_with_api_key", lab.apiKey);
  lab.setRoles(["DATASET_READ"]);
  expect(errorOf(await client.call("pool.query"))).toMatchObject({
    data: { error: 13, errname: "EACCES", reason: "[EACCES] Not authorized" },
  });
  expect(errorOf(await client.call("core.subscribe", "pool.query"))).toMatchObject({ data: { errname: "EACCES" } });
  lab.setRoles(["POOL_WRITE"]);
  expect((await client.call("pool.query"))["result"]).toHaveLength(lab.state.storage.pools.length);
  lab.endSessions();
  expect(errorOf(await client.call("core.ping"))).toMatchObject({ data: { errname: "ENOTAUTHENTICATED" } });
});

it("runs 10 calls of a socket, lets 10 wait, and refuses the others", async () => {
  let free: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    free = resolve;
  });
  let running = 0;
  const beforeAnswer = async (method: string): Promise<void> => {
    if (method !== "system.info") return;
    running += 1;
    await gate;
  };
  const lab = await start({ beforeAnswer });
  const client = await openIn(lab);
  const answers = Array.from({ length: 23 }, () => client.call("system.info"));
  const refused = await Promise.all(answers.slice(20));
  expect(refused.map(errorOf)).toEqual(
    refused.map(() => ({ code: -32_000, message: "Maximum number of concurrent calls (20) has exceeded" })),
  );
  expect(running).toBe(10);
  free();
  for (const answer of await Promise.all(answers.slice(0, 20))) expect(errorOf(answer)).toBeUndefined();
  expect(lab.stats.mostAtOnce).toBe(20);
});

it("ends a socket that sends more than 8 kB before a login, more than 64 kB after it, or no text", async () => {
  const lab = await start();
  const long = (characters: number): string =>
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "core.ping", params: ["x".repeat(characters)] });
  const bare = await open(lab);
  bare.sendText(long(8200));
  expect(await bare.closed).toEqual([1007, "Anonymous connection max message length is 8 kB"]);
  const known = await openIn(lab);
  known.sendText(long(60_000));
  expect(await known.next(({ id }) => id === 1)).toMatchObject({ result: "pong" });
  known.sendText(long(66_000));
  expect(await known.closed).toEqual([1009, "Max message length is 64 kB"]);
  const binary = await openIn(lab);
  binary.sendText(Buffer.of(1, 2, 3));
  expect((await binary.closed)[0]).toBe(1003);
});

it("speaks DDP in every release", async () => {
  for (const release of ["24.10", "26"] as const) {
    const lab = await start({ release });
    const client = await open(lab, "/websocket");
    const method = (id: string, name: string, ...params: unknown[]) => {
      client.send({ msg: "method", id, method: name, params });
      return client.next((message) => message["id"] === id);
    };
    client.send({ msg: "method", id: "0", method: "core.ping", params: [] });
    expect(await client.next(() => true)).toEqual({ msg: "failed", version: "1" });
    client.send({ msg: "connect", version: "1", support: ["1"] });
    expect(await client.next(() => true)).toEqual({ msg: "connected", session: expect.any(String) as unknown });
    expect(await method("1", "system.info")).toMatchObject({
      msg: "result",
      error: { error: 207, errname: "ENOTAUTHENTICATED", type: null, reason: "[ENOTAUTHENTICATED] Not authenticated" },
    });
    expect(await method("2", "auth.login_with_api_key", lab.apiKey)).toEqual({ id: "2", msg: "result", result: true });
    expect(errorOf(await method("3", "auth.login_with_api_key", 7))).toMatchObject({
      error: 11,
      errname: "EAGAIN",
      type: "VALIDATION",
    });
    expect(errorOf(await method("4", "core.pong"))).toMatchObject({ error: 201, errname: "ENOMETHOD" });
    client.send({ msg: "sub", id: "5", name: 'reporting.realtime:{"interval":1}' });
    expect(await client.next(({ msg }) => msg === "nosub")).toMatchObject({ error: { type: "VALIDATION" } });
    client.send({ msg: "sub", id: "6", name: "reporting.realtime" });
    expect(await client.next(({ msg }) => msg === "added")).toMatchObject({ collection: "reporting.realtime" });
    expect(client.messages).toContainEqual({ msg: "ready", subs: ["6"] });
    client.sendText("{");
    expect((await client.closed)[0]).toBe(1007);
  }
});

it("tells of realtime figures at once and then every interval, which is 2 s at least", async () => {
  const lab = await start();
  const client = await openIn(lab);
  const name = 'reporting.realtime:{"interval":2}';
  const { result: id } = await client.call("core.subscribe", name);
  const isUpdate = ({ method }: Readonly<Record<string, unknown>>): boolean => method === "collection_update";
  const params = { msg: "added", collection: name, fields: { cpu: expect.any(Object) as unknown } };
  expect(await client.next(isUpdate)).toMatchObject({ params });
  expect(await client.next(isUpdate)).toMatchObject({ params });
  await client.call("core.unsubscribe", id);
  expect(await client.next(({ method }) => method === "notify_unsubscribed")).toMatchObject({
    params: { collection: name, error: null },
  });
  await client.call("core.subscribe", 'reporting.realtime:{"interval":1}');
  expect(await client.next(({ method }) => method === "notify_unsubscribed")).toMatchObject({
    params: { error: { errname: "EINVAL", reason: expect.stringContaining("greater than or equal to 2") as unknown } },
  });
});

it("tells of changes whoever subscribed, and no one else", async () => {
  const lab = await start();
  const [first, second] = [await openIn(lab), await openIn(lab)];
  await first.call("core.subscribe", "pool.query");
  lab.emit("pool.query", { msg: "changed", id: 1, fields: { name: "tank" } });
  lab.emit("disk.query", { msg: "removed", id: "x" });
  expect(await first.next(({ method }) => method === "collection_update")).toEqual({
    jsonrpc: "2.0",
    method: "collection_update",
    params: { msg: "changed", collection: "pool.query", id: 1, fields: { name: "tank" } },
  });
  await Promise.all([first.call("core.ping"), second.call("core.ping")]);
  expect([...first.messages, ...second.messages]).toEqual([]);
});

it("drops its sockets, and comes back where it was", async () => {
  const lab = await start();
  const client = await openIn(lab);
  lab.dropSockets();
  expect((await client.closed)[0]).toBe(1006);
  const second = await openIn(lab);
  await lab.stop();
  expect((await second.closed)[0]).toBe(1006);
  await expect(open(lab)).rejects.toThrow("ECONNREFUSED");
  await lab.start();
  await openIn(lab);
  expect(lab.stats.calls.get("auth.login_with_api_key")).toBe(3);
});

it("fills itself anew after a scenario", async () => {
  const lab = await start();
  const before = JSON.stringify(lab.state.storage);
  await lab.scenarios.detached_mirror.run(lab);
  await lab.setFault({ kind: "hang" });
  lab.setSocketFault({ kind: "session_expired" });
  expect(JSON.stringify(lab.state.storage)).not.toBe(before);
  await lab.scenarios.recover.run(lab);
  expect(await (await openIn(lab)).call("core.ping")).toMatchObject({ result: "pong" });
  expect(Math.min(lab.stats.bytesSent, lab.stats.bytesReceived)).toBeGreaterThan(0);
});
