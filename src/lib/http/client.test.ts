import { afterEach, describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.ts";
import { failureOf } from "./__fixtures__/failures.ts";
import { closeServers, readRequestBody, startHttp, startTcp } from "./__fixtures__/servers.ts";
import { createHttpClient, HttpStatusError } from "./client.ts";
import type { HttpClient, HttpClientOptions } from "./client.ts";

const clients: HttpClient[] = [];
function clientOf(options: HttpClientOptions = {}): HttpClient {
  const client = createHttpClient(options);
  clients.push(client);
  return client;
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await closeServers();
});

describe("an answer", () => {
  it("comes with status, headers, text, parsed JSON and times", async () => {
    const server = await startHttp((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "x-many": ["a", "b"] }).end('{"grüße":[1]}');
    });
    const before = Date.now();
    const answer = await clientOf().requestJson({ url: new URL("/v1/x?list=true", server.origin) });
    expect(answer).toMatchObject({ status: 200, text: '{"grüße":[1]}', body: { grüße: [1] } });
    expect(answer.headers).toMatchObject({ "content-type": "application/json", "x-many": ["a", "b"] });
    expect(answer.sentAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(answer.receivedAt.getTime()).toBeGreaterThanOrEqual(answer.sentAt.getTime());
    expect(answer.durationMs).toBeGreaterThan(0);
    expect(server.requests).toEqual(["GET /v1/x?list=true"]);
  });

  it("may be text, and a byte order mark is not part of it", async () => {
    const server = await startHttp((_, response) => response.end("\ufeffup 1\n"));
    expect((await clientOf().request({ url: server.origin })).text).toBe("up 1\n");
  });

  it("may be bytes, which come as they are", async () => {
    const body = Buffer.from([0xef, 0xbb, 0xbf, 0x30, 0x82, 0xff, 0x00]);
    const server = await startHttp((_, response) => response.writeHead(200, { etag: '"1"' }).end(body));
    const answer = await clientOf().requestBytes({ url: server.origin, headers: { accept: "*/*" } });
    expect(Buffer.from(answer.bytes)).toEqual(body);
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    const tooMuch = clientOf({ maxBodyBytes: 6 }).requestBytes({ url: server.origin });
    expect(await failureOf(tooMuch)).toMatchObject({ reason: "body_too_large" });
  });

  it("of 204 has no JSON", async () => {
    const server = await startHttp((_, response) => response.writeHead(204).end());
    expect(await clientOf().requestJson({ url: server.origin, method: "DELETE" })).toHaveProperty("body", undefined);
  });

  it("to HEAD may announce any length", async () => {
    const server = await startHttp((_, response) => response.writeHead(200, { "content-length": 5e9 }).end());
    const answer = await clientOf().request({ url: server.origin, method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "" });
  });

  it("with a status of `accept` is data and is not asked for again", async () => {
    const server = await startHttp((_, response) => response.writeHead(502).end('{"sealed":true}'));
    const client = clientOf();
    const listed = await client.requestJson({ url: server.origin, accept: [200, 502] });
    const tested = await client.requestJson({ url: server.origin, accept: (status) => status === 502 });
    expect([listed.status, listed.body, tested.status]).toEqual([502, { sealed: true }, 502]);
    expect(server.requests).toHaveLength(2);
  });

  it("with a status that `accept` leaves out is an error, even 200", async () => {
    const server = await startHttp((_, response) => response.end("{}"));
    const error = await failureOf(clientOf().requestJson({ url: server.origin, accept: [204] }));
    expect(error).toMatchObject({ reason: "unexpected_status", status: 200 });
  });
});

describe("a request", () => {
  it("sends JSON, its secrets revealed, and headers in any case over the defaults", async () => {
    const seen = Promise.withResolvers<unknown>();
    const server = await startHttp((request, response) => {
      const { headers } = request;
      void readRequestBody(request).then((body) => seen.resolve({ headers, body }));
      response.end("{}");
    });
    await clientOf().requestJson({
      method: "POST",
      url: server.origin,
      headers: { Accept: "text/plain", "X-Token": new Secret("t0ken") },
      body: { name: "a", nested: [{ password: new Secret("pässword") }], at: new Date(0) },
    });
    expect(await seen.promise).toMatchObject({
      headers: {
        accept: "text/plain",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "x-token": "t0ken",
      },
      body: '{"name":"a","nested":[{"password":"pässword"}],"at":"1970-01-01T00:00:00.000Z"}',
    });
  });

  it("may be a text of its own, sent to the letter", async () => {
    const seen = Promise.withResolvers<{ type: string | undefined; text: string }>();
    const server = await startHttp((request, response) => {
      const type = request.headers["content-type"];
      void readRequestBody(request).then((text) => seen.resolve({ type, text }));
      response.end("{}");
    });
    await clientOf().request({ method: "POST", url: server.origin, text: '{ "a":  1}\n"ü"', body: { not: "sent" } });
    expect(await seen.promise).toEqual({ type: "application/json", text: '{ "a":  1}\n"ü"' });
  });

  it("whose body is no JSON fails before it is sent", async () => {
    const server = await startHttp((_, response) => response.end());
    const body: Record<string, unknown> = {};
    body["self"] = body;
    for (const bad of [body, { count: 1n }]) {
      const error = await failureOf(clientOf().request({ method: "POST", url: server.origin, body: bad }));
      expect(error).toMatchObject({ reason: "internal", message: expect.stringContaining("can not be sent as JSON") });
    }
    expect(server.requests).toEqual([]);
  });

  it("to a secret URL shows the origin only", async () => {
    const server = await startHttp((request, response) => {
      response.writeHead(404).end(JSON.stringify({ message: `no ${request.url}` }));
    });
    const url = new Secret(`${server.origin}/services/T000/B000/XXXX`);
    const error = await failureOf(clientOf().request({ method: "POST", url, body: {} }));
    expect(error.message).toMatch(/^POST http:\/\/127\.0\.0\.1:\d+\/<redacted>: status 404: no /);
    expect(error.message).not.toMatch(/services|XXXX/);
  });

  it("uses at most the allowed connections, and keeps them", async () => {
    const server = await startHttp((_, response) => setImmediate(() => response.end("{}")));
    const client = clientOf({ maxConnections: 2 });
    await Promise.all(Array.from({ length: 30 }, () => client.requestJson({ url: server.origin })));
    expect(server.requests).toHaveLength(30);
    expect(server.sockets).toHaveLength(2);
  });

  it("that runs when the client is closed still ends, and none comes after it", async () => {
    const came = Promise.withResolvers<() => void>();
    const server = await startHttp((_, response) => came.resolve(() => response.end("{}")));
    const client = clientOf();
    const running = client.request({ url: server.origin });
    const finish = await came.promise;
    const closed = Promise.all([client.close(), client.close()]);
    expect(await failureOf(client.request({ url: server.origin }))).toMatchObject({ reason: "internal" });
    finish();
    expect((await running).status).toBe(200);
    await closed;
    expect(server.requests).toHaveLength(1);
  });

  it("that is to be sent again when the client is closed still is", async () => {
    const client = clientOf();
    let closed: Promise<void> | undefined;
    const server = await startTcp((socket) => {
      closed ??= client.close();
      if (server.requests.length === 1) socket.resetAndDestroy();
      else socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    expect((await client.request({ url: server.origin })).status).toBe(200);
    await closed;
  });
});

describe("an error status", () => {
  it("gives the parsed body to the collector", async () => {
    const server = await startHttp((_, response) => response.writeHead(503).end('{"errors":["Vault is sealed"]}'));
    const error = await failureOf(clientOf().requestJson({ url: `${server.origin}/v1/x?a=b` }));
    expect(error).toBeInstanceOf(HttpStatusError);
    expect(error).toMatchObject({ reason: "server_error", status: 503, body: { errors: ["Vault is sealed"] } });
    expect(error.message).toBe(`GET ${server.origin}/v1/x: status 503: Vault is sealed`);
  });

  it.each([
    ['{"errors":["one","two"]}', ": one; two"],
    ['{"errors":{"vmid":"not a number"},"message":"bad"}', ": vmid: not a number"],
    ['{"errors":[]}', ""],
    ['{"kind":"Status","message":"nodes is forbidden"}', ": nodes is forbidden"],
    ['{"error":{"type":"x","reason":"no such index"},"status":404}', ": no such index"],
    ['{"error":"invalid_client"}', ": invalid_client"],
    ['{"message":"two\\r\\n\\u001b[31mlines\\u202e"}', ": two [31mlines"],
    ['{"message":12}', ""],
    [`{"message":"${"ä".repeat(300)}"}`, `: ${"ä".repeat(200)}…`],
    ["not JSON at all", ""],
    ["", ""],
  ])("%s is told as '%s'", async (body, told) => {
    const server = await startHttp((_, response) => response.writeHead(400).end(body));
    const error = await failureOf(clientOf().requestJson({ url: server.origin }));
    expect(error.message).toBe(`GET ${server.origin}/: status 400${told}`);
  });

  it("stays what it is when its body is endless or cut off", async () => {
    const endless = await startHttp((_, response) => {
      response.writeHead(403);
      pump(response);
    });
    const cut = await startTcp((socket) => socket.end("HTTP/1.1 403 X\r\ncontent-length: 10\r\n\r\n{"));
    for (const { origin } of [endless, cut]) {
      expect(await failureOf(clientOf().request({ url: origin }))).toMatchObject({
        reason: "forbidden",
        body: undefined,
      });
    }
  });
});

describe("the bound on a body", () => {
  const HUGE = 100 * 1024 * 1024;

  it.each([true, false])("ends a huge answer soon (announced: %s)", async (isAnnounced) => {
    const closed = Promise.withResolvers<number>();
    const server = await startHttp((_, response) => {
      if (isAnnounced) response.setHeader("content-length", HUGE);
      const { socket } = response;
      response.on("close", () => closed.resolve(socket?.bytesWritten ?? 0));
      pump(response);
    });
    const error = await failureOf(clientOf({ maxBodyBytes: 100_000 }).request({ url: server.origin }));
    expect(error.reason).toBe("body_too_large");
    // What the kernel holds for both ends may be a few megabytes.
    expect(await closed.promise).toBeLessThan(HUGE / 4);
    expect(server.requests).toHaveLength(1);
  });

  it("lets a body of exactly that size pass, and a request has its own bound", async () => {
    const server = await startHttp((_, response) => response.end("x".repeat(1000)));
    const client = clientOf({ maxBodyBytes: 1000 });
    expect((await client.request({ url: server.origin })).text).toHaveLength(1000);
    expect((await failureOf(client.request({ url: server.origin, maxBodyBytes: 999 }))).reason).toBe("body_too_large");
  });
});

/** Writes for as long as somebody reads. */
function pump(response: NodeJS.WritableStream): void {
  const chunk = Buffer.alloc(64 * 1024, "x");
  const write = (): void => {
    while (response.writable && response.write(chunk)) continue;
  };
  response.on("drain", write);
  write();
}
