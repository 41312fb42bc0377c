import { connect } from "node:net";
import { fastify, type FastifyInstance } from "fastify";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hash } from "@node-rs/bcrypt";
import { seconds } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import type { WebhookHead, WebhookReceiver } from "../../core/webhook-receiver.ts";
import { registerWebConfig } from "../web-config/register.ts";
import type { WebConfig } from "../web-config/web-config.ts";
import { registerWebhookRoutes } from "./webhooks.ts";

type Received = WebhookHead & { readonly body: Buffer };

let app: FastifyInstance;
let url: string;
let received: Received[];
let refused: string[];
let answer: Awaited<ReturnType<WebhookReceiver["receive"]>>;
let admission: Awaited<ReturnType<WebhookReceiver["admit"]>>;

/** Knows the sources `main`, that shows a credential, and `open`, that does not. */
const receiver: WebhookReceiver = {
  hasCredentials: (source) => source === "main",
  admit: async () => admission,
  async receive(webhook) {
    received.push(webhook);
    return answer;
  },
  refused: (source, reason) => void refused.push(`${source} ${reason}`),
};

async function serve(webConfig?: Partial<WebConfig>): Promise<void> {
  app = fastify({ routerOptions: { ignoreTrailingSlash: true }, forceCloseConnections: true });
  const config = {
    file: "web.yml",
    digest: "",
    headers: { "x-frame-options": "deny" },
    users: new Map(),
    ...webConfig,
  };
  if (webConfig !== undefined) registerWebConfig(app, () => config);
  registerWebhookRoutes(app, receiver);
  app.get("/", () => "page");
  app.post("/other", ({ body }) => body);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
}

beforeEach(() => {
  received = [];
  refused = [];
  answer = { changed: 1 };
  admission = undefined;
});
afterEach(() => app.close());

interface Options {
  readonly method?: "POST" | "PUT" | "GET";
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | null;
}

async function send(path: string, { method = "POST", headers = {}, body = "{}" }: Options = {}) {
  const given = await request(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(method !== "GET" && { body }),
  });
  return { status: given.statusCode, headers: given.headers, body: await given.body.text() };
}

const MAIN = "/api/v1/webhooks/alertmanager/main";

describe("a webhook", () => {
  it("is answered with 202 when it is taken", async () => {
    await serve();
    const { status, headers, body } = await send(MAIN, {
      headers: { traceparent: "00-x" },
      body: Buffer.from([0x7b, 0xff]),
    });
    expect(status).toBe(202);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(JSON.parse(body)).toEqual({ status: "accepted", changed: 1 });
    expect(received).toMatchObject([{ kind: "alertmanager", source: "main", headers: { traceparent: "00-x" } }]);
    expect([...(received[0]?.body ?? [])]).toEqual([0x7b, 0xff]);
  });

  it.each([
    ["POST", "/api/v1/webhooks/grafana/main", "grafana", "main"],
    ["PUT", "/api/v1/webhooks/grafana/main", "grafana", "main"],
    ["PUT", "/api/v1/webhooks/alertmanager/main", "alertmanager", "main"],
    ["POST", "/api/v1/webhooks/alertmanager/main/", "alertmanager", "main"],
    ["POST", "/api/v1/webhooks/alertmanager/a%2Fb.c", "alertmanager", "a/b.c"],
    ["POST", "/api/v1/webhooks/alertmanager/main?token=x", "alertmanager", "main"],
  ] as const)("%s %s is taken, without being sent elsewhere", async (method, path, kind, source) => {
    await serve();
    expect((await send(path, { method })).status).toBe(202);
    expect(received).toMatchObject([{ kind, source }]);
  });

  it.each(["application/json; charset=utf-8", "Application/JSON"])("may be of type %s", async (type) => {
    await serve();
    expect((await send(MAIN, { headers: { "content-type": type } })).status).toBe(202);
  });

  it.each([
    [400, "bad_notification"],
    [401, "unauthorized"],
    [404, "unknown_source"],
    [503, "unavailable"],
  ] as const)("is answered with %i and a line of text when it is not taken: %s", async (status, reason) => {
    await serve();
    answer = { reason, message: "This is why." };
    const given = await send(MAIN);
    expect(given).toMatchObject({ status, body: "This is why.\n" });
    expect(given.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(given.headers["retry-after"]).toBe(status === 503 ? "1" : undefined);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/json2", "text/json"])(
    "of type %s is not taken",
    async (type) => {
      await serve();
      const given = await send(MAIN, { headers: { "content-type": type } });
      expect(given).toMatchObject({
        status: 415,
        body: "The body is to be JSON, and its Content-Type application/json.\n",
      });
      expect(refused).toEqual(["main media_type"]);
      expect(received).toEqual([]);
    },
  );

  it("without a body is for the receiver to explain", async () => {
    await serve();
    await send(MAIN, { body: null });
    expect(received.map(({ body }) => body.length)).toEqual([0]);
  });

  it("may have 16 MiB and no more", async () => {
    await serve();
    const most = 16 * 1024 * 1024;
    expect((await send(MAIN, { body: Buffer.alloc(most, " ") })).status).toBe(202);
    const given = await send(MAIN, { body: Buffer.alloc(most + 1, " ") });
    expect(given.status).toBe(413);
    expect(given.body).toBe("The body is larger than 16 MiB: let the sender group alerts by more labels.\n");
    expect(refused).toEqual(["main too_large"]);
  });

  it("of a stranger is refused before its body is read", async () => {
    await serve();
    admission = { reason: "unauthorized", message: "This is why." };
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const answered = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.write(
      `POST ${MAIN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{`,
    );
    expect(await answered).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
    expect(received).toEqual([]);
  });

  it("is nothing to look at", async () => {
    await serve();
    expect((await send(MAIN, { method: "GET" })).status).toBe(404);
  });

  it("that something of ours stumbles over is a 500, and other routes read JSON as they did", async () => {
    await serve();
    answer = undefined as never;
    expect((await send(MAIN)).status).toBe(500);
    expect((await send("/other", { body: '{"a":1}' })).body).toBe('{"a":1}');
  });
});

describe("beside a web configuration", () => {
  const users = async () => new Map([["alice", new Secret(await hash("right", { cost: 4 }))]]);

  it("a source with a credential of its own needs no password, and one without does", async () => {
    await serve({ users: await users() });
    expect((await send(MAIN, { headers: { authorization: "Bearer token" } })).status).toBe(202);
    expect((await send(MAIN)).status).toBe(202);
    expect((await send("/api/v1/webhooks/alertmanager/open")).status).toBe(401);
    expect((await send("/api/v1/webhooks/alertmanager/other")).status).toBe(401);
    const authorization = `Basic ${btoa("alice:right")}`;
    expect((await send("/api/v1/webhooks/alertmanager/open", { headers: { authorization } })).status).toBe(202);
  });

  it.each([
    "/",
    "/other",
    "/api/v1/webhooks/alertmanager/main/more",
    "/api/v1/webhooks/alertmanager//main",
    "/api/v1/webhooks/alertmanager/%6Dain/..",
    "/x/../api/v1/webhooks/alertmanager/open",
    "//api/v1/webhooks/alertmanager/main",
  ])("%s is as closed as before", async (path) => {
    await serve({ users: await users() });
    for (const method of ["GET", "POST"] as const) expect((await send(path, { method })).status).toBe(401);
    expect(received).toEqual([]);
  });

  it("a source with a credential has no rate limit, because Alertmanager gives up at a 429", async () => {
    await serve({ rateLimit: { interval: seconds(3_600), burst: 1 } });
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await send(MAIN)).status);
    statuses.push((await send("/", { method: "GET" })).status, (await send("/", { method: "GET" })).status);
    expect(statuses).toEqual([202, 202, 202, 200, 429]);
    expect((await send("/api/v1/webhooks/alertmanager/open")).status).toBe(429);
  });

  it("the headers for all answers are on its answers", async () => {
    await serve({ users: await users() });
    expect((await send(MAIN)).headers["x-frame-options"]).toBe("deny");
  });
});
