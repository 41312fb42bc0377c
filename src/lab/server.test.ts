import { once } from "node:events";
import * as tls from "node:tls";
import { gunzipSync } from "node:zlib";
import { Agent, fetch, request } from "undici";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Authority } from "./certificates.ts";
import { createAuthority } from "./certificates.ts";
import type { LabAnswer, LabHandler } from "./exchange.ts";
import type { Fault } from "./faults.ts";
import { FAULTS } from "./faults.ts";
import type { LabServer } from "./server.ts";
import { startLabServer } from "./server.ts";

const TRUTH = { name: "lab", count: 3, healthy: true, address: null, list: [{ id: "7", size: 1.5 }] };

let authority: Authority;
let agent: Agent;
const opened: LabServer[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  agent = new Agent({ connect: { ca: authority.certificatePem }, bodyTimeout: 0 });
});

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(fault?: Fault, handler: LabHandler = answerTruth): Promise<LabServer> {
  const server = await startLabServer({ authority, handler });
  opened.push(server);
  await server.setFault(fault);
  return server;
}

function answerTruth(): LabAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(TRUTH) };
}

const ask = (server: LabServer, path = "/", options: { signal?: AbortSignal } = {}) =>
  request(`${server.url}${path}`, { dispatcher: agent, ...options });

async function failure(server: LabServer, path = "/"): Promise<string> {
  try {
    const { body } = await ask(server, path);
    await body.text();
    return "none";
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return code ?? name;
  }
}

/** Reads from a connection until it has seen so many bytes. */
async function firstBytes(server: LabServer, count: number): Promise<string> {
  const socket = tls.connect({ port: server.port, host: "127.0.0.1", ca: authority.certificatePem });
  socket.write("GET / HTTP/1.1\r\nhost: lab\r\n\r\n");
  let seen = "";
  for await (const chunk of socket) {
    seen += String(chunk);
    if (seen.length >= count) break;
  }
  return seen;
}

test("without a fault the handler answers, and sees the whole request", async () => {
  const server = await start(undefined, (got) => ({
    status: 201,
    body: [got.method, got.path, got.query.get("a"), got.headers["x-test"], got.body].join(" "),
  }));
  const answer = await request(`${server.url}/v1/x?a=b`, {
    dispatcher: agent,
    method: "POST",
    headers: { "x-test": "yes" },
    body: "hello",
  });
  expect(answer.statusCode).toBe(201);
  expect(await answer.body.text()).toBe("POST /v1/x b yes hello");
  expect(server.requests.map(({ target }) => target)).toEqual(["/v1/x?a=b"]);
});

test("a handler may end the connection instead of answering", async () => {
  const server = await start(undefined, () => "abort");
  expect(await failure(server)).toBe("UND_ERR_SOCKET");
});

test("every fault has one sentence of help", () => {
  for (const help of Object.values(FAULTS)) expect(help).toMatch(/^[a-z].+[^.]$/);
});

test.each<[Fault, string]>([
  [{ kind: "reset" }, "UND_ERR_SOCKET"],
  [{ kind: "cut_short" }, "UND_ERR_SOCKET"],
  [{ kind: "not_http" }, "HTTPParserError"],
  [{ kind: "refused" }, "ECONNREFUSED"],
  [{ kind: "expired_certificate" }, "CERT_HAS_EXPIRED"],
  [{ kind: "untrusted_certificate" }, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [{ kind: "wrong_host_certificate" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [{ kind: "old_tls" }, "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"],
])("$kind breaks the exchange, also on a connection that was in use, and can be taken back", async (fault, code) => {
  const server = await start();
  expect(await failure(server)).toBe("none");
  await server.setFault(fault);
  expect(await failure(server)).toBe(code);
  await server.setFault(undefined);
  expect(await failure(server)).toBe("none");
});

test.each<[Fault, unknown]>([
  [{ kind: "empty_object" }, {}],
  [{ kind: "wrong_types" }, { name: 3, count: "3", healthy: "true", address: 0, list: [{ id: 7, size: "1.5" }] }],
  [{ kind: "nulls" }, { name: null, count: null, healthy: null, address: null, list: [{ id: null, size: null }] }],
  [
    { kind: "nulls", depth: 1 },
    { name: null, count: null, healthy: null, address: null, list: null },
  ],
  [{ kind: "empty_lists" }, { ...TRUTH, list: [] }],
  [{ kind: "doubled_rows" }, { ...TRUTH, list: [...TRUTH.list, ...TRUTH.list] }],
  [{ kind: "duplicate_keys" }, TRUTH],
  [{ kind: "huge_numbers" }, { ...TRUTH, count: Infinity, list: [{ id: "7", size: Infinity }] }],
  [{ kind: "negative_numbers" }, { ...TRUTH, count: -1, list: [{ id: "7", size: -1 }] }],
  [{ kind: "clock_off" }, TRUTH],
  [{ kind: "never_closed" }, TRUTH],
])("%j changes the true body", async (fault, expected) => {
  const { statusCode, body } = await ask(await start(fault));
  expect(statusCode).toBe(200);
  expect(await body.json()).toEqual(expected);
});

test("a clock that is off shows in the header and in every time of the body", async () => {
  const now = 1_000 * Math.floor(Date.now() / 1_000);
  const times = (at: number) => ({
    seconds: at / 1_000,
    milliseconds: at,
    text: new Date(at).toISOString(),
    count: 12,
  });
  const body = JSON.stringify(times(now));
  const answer = await ask(await start({ kind: "clock_off" }, () => ({ status: 200, body })));
  expect(await answer.body.json()).toEqual(times(now + 3_600_000));
  expect(Date.parse(String(answer.headers["date"])) - now).toBeGreaterThanOrEqual(3_600_000);
});

test("answers are those to the request before, once there was one", async () => {
  const server = await start({ kind: "previous_answer" }, ({ path }) => ({ status: 200, body: path }));
  const texts = [];
  for (const path of ["/a", "/b", "/c"]) texts.push(await (await ask(server, path)).body.text());
  expect(texts).toEqual(["/a", "/a", "/b"]);
});

test("what is compressed, or says so, is not what was asked for", async () => {
  const lying = await ask(await start({ kind: "encoding_lie" }));
  expect(lying.headers["content-encoding"]).toBe("gzip");
  expect(await lying.body.json()).toEqual(TRUTH);
  const { body } = await ask(await start({ kind: "gzip_bomb" }));
  const bomb = Buffer.from(await body.arrayBuffer());
  expect(bomb.length).toBeLessThan(200_000);
  expect(gunzipSync(bomb).length).toBe(100 * 1024 * 1024);
});

test("a connection that is to be closed stays open, and is counted until the client ends it", async () => {
  const server = await start({ kind: "never_closed" });
  const socket = tls.connect({ port: server.port, host: "127.0.0.1", ca: authority.certificatePem });
  socket.write("GET / HTTP/1.1\r\nhost: lab\r\n\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(String(answer)).toContain("connection: close");
  expect(server.connections()).toBe(1);
  socket.end();
  await expect.poll(() => server.connections()).toBe(0);
});

test("a redirect leads to another host, where the same server would see who follows", async () => {
  const server = await start({ kind: "redirect_away" });
  const { statusCode, headers } = await ask(server);
  expect([statusCode, headers["location"]]).toEqual([307, `https://localhost:${server.port}/elsewhere`]);
});

test("a status comes with its errors and headers", async () => {
  const fault: Fault = { kind: "status", status: 503, errors: ["Vault is sealed"], headers: { "retry-after": "7" } };
  const { statusCode, headers, body } = await ask(await start(fault));
  expect({ statusCode, retryAfter: headers["retry-after"], body: await body.json() }).toEqual({
    statusCode: 503,
    retryAfter: "7",
    body: { errors: ["Vault is sealed"] },
  });
});

test("truncated JSON arrives as a whole answer", async () => {
  const { headers, body } = await ask(await start({ kind: "truncated_json" }));
  const text = await body.text();
  expect(text.length).toBe(Number(headers["content-length"]));
  expect(JSON.stringify(TRUTH).startsWith(text)).toBe(true);
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
});

test("HTML comes with status 200", async () => {
  const { statusCode, headers, body } = await ask(await start({ kind: "html" }));
  expect([statusCode, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(await body.text()).toContain("<form");
});

test("a redirect loop ends only with the client's patience", async () => {
  const server = await start({ kind: "redirect_loop" });
  await expect(fetch(server.url, { dispatcher: agent })).rejects.toMatchObject({
    cause: { message: "redirect count exceeded" },
  });
  expect(server.requests.length).toBeGreaterThan(10);
});

test("a dripped body arrives byte by byte, and whole to who waits", async () => {
  const { body } = await ask(await start({ kind: "drip", intervalMs: 1 }));
  let chunks = 0;
  let text = "";
  for await (const chunk of body) {
    chunks += 1;
    text += String(chunk);
  }
  expect(JSON.parse(text)).toEqual(TRUTH);
  expect(chunks).toBeGreaterThan(text.length / 3);
});

test("slow headers never end", async () => {
  expect(await firstBytes(await start({ kind: "slow_headers", intervalMs: 1 }), 50)).toMatch(
    /^HTTP\/1.1 200 OK\r\nX-Slow: z+$/,
  );
});

test("a hanging server takes the request and waits for the client to give up", async () => {
  const server = await start({ kind: "hang" });
  const impatient = new AbortController();
  const answer = ask(server, "/", { signal: impatient.signal });
  await expect.poll(() => server.requests.length).toBe(1);
  impatient.abort();
  await expect(answer).rejects.toThrow("aborted");
});

test("a frozen server takes the connection and no handshake", async () => {
  const [frozen, healthy] = [await start({ kind: "hang_handshake" }), await start()];
  let handshakes = 0;
  const shake = ({ port }: LabServer): tls.TLSSocket =>
    tls.connect({ port, host: "127.0.0.1", ca: authority.certificatePem }, () => (handshakes += 1));
  const waiting = shake(frozen);
  await once(waiting, "connect");
  const quick = shake(healthy);
  await once(quick, "secureConnect");
  quick.destroy();
  expect(handshakes).toBe(1);
  const closed = once(waiting, "error");
  await frozen.setFault(undefined);
  await closed;
  expect(await failure(frozen)).toBe("none");
});

test("a huge body stops when the client has had enough", async () => {
  const server = await start({ kind: "huge_body" });
  const { body } = await ask(server);
  let read = 0;
  for await (const chunk of body) {
    read += (chunk as Buffer).length;
    if (read > 1_000_000) break;
  }
  expect(read).toBeLessThan(10_000_000);
  const small = await start({ kind: "huge_body", bytes: 200_000 });
  const text = await (await ask(small)).body.text();
  expect(text.length).toBe(200_000);
  expect(JSON.parse(text)).toHaveProperty("data");
});

test("a fault can be limited to paths", async () => {
  const server = await start({ kind: "status", status: 500, path: "/v1/sys/" });
  expect((await ask(server, "/v1/sys/health")).statusCode).toBe(500);
  expect((await ask(server, "/v1/auth/token")).statusCode).toBe(200);
});

test("a stopped server drops its connections, refuses new ones and comes back on its port", async () => {
  const server = await start({ kind: "hang" });
  const { port } = server;
  const pending = failure(server);
  await expect.poll(() => server.requests.length).toBe(1);
  await server.stop();
  expect(await pending).toBe("UND_ERR_SOCKET");
  await server.setFault(undefined);
  expect(await failure(server)).toBe("ECONNREFUSED");
  await server.start();
  expect(server.port).toBe(port);
  expect(await failure(server)).toBe("none");
});
