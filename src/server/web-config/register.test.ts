import { hash } from "@node-rs/bcrypt";
import Fastify, { type FastifyInstance } from "fastify";
import { request } from "undici";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { seconds } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import { registerWebConfig } from "./register.ts";
import type { WebConfig } from "./web-config.ts";

let hashOfRight: string;
let slowHash: string;
let app: FastifyInstance;
let url: string;
let config: WebConfig;

beforeAll(async () => {
  hashOfRight = await hash("right", { cost: 4, version: "2y" });
  slowHash = await hash("right", { cost: 10, version: "2y" });
});
afterEach(() => app.close());

const usersOf = (hashes: Record<string, string>) =>
  new Map(Object.entries(hashes).map(([user, text]) => [user, new Secret(text)]));

async function serve(settings: Partial<WebConfig>): Promise<void> {
  config = { file: "web.yml", digest: "", headers: {}, users: new Map(), ...settings };
  app = Fastify({ forceCloseConnections: true });
  registerWebConfig(app, () => config);
  app.get("/", (_, reply) => reply.header("content-security-policy", "page").send("ok"));
  app.post("/alerts", () => "taken");
  app.get("/raw", (_, reply) => {
    reply.hijack().raw.writeHead(200, Object.entries(reply.getHeaders()).flat().map(String)).end("raw");
  });
  app.get("/broken", () => {
    throw new Error("broken");
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
}

async function ask(credentials?: string, path = "/", method: "GET" | "POST" | "HEAD" = "GET") {
  const authorization = credentials === undefined ? {} : { authorization: `Basic ${btoa(credentials)}` };
  const answer = await request(`${url}${path}`, { headers: authorization, method });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

describe("basic authentication", () => {
  it("lets those in who know a password", async () => {
    await serve({ users: usersOf({ alice: hashOfRight, bob: slowHash }) });
    expect(await ask("alice:right")).toMatchObject({ status: 200, body: "ok" });
    expect(await ask("bob:right")).toMatchObject({ status: 200, body: "ok" });
    expect(await ask("alice:right", "/alerts", "POST")).toMatchObject({ status: 200, body: "taken" });
  });

  it.each([undefined, "alice:wrong", "alice:", "alice", "mallory:right", ":right"])(
    "asks %j for more",
    async (given) => {
      await serve({ users: usersOf({ alice: hashOfRight }) });
      const { status, headers, body } = await ask(given);
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toBe('Basic realm="Watchkeeper", charset="UTF-8"');
      expect(body).toBe("A user name and a password are needed.\n");
    },
  );

  it("has no open path, method or error", async () => {
    await serve({ users: usersOf({ alice: hashOfRight }) });
    const open: string[] = [];
    for (const path of ["/", "/raw", "/none", "/broken", "/alerts", "//", "/?a=b"])
      for (const method of ["GET", "HEAD", "POST"] as const)
        if ((await ask(undefined, path, method)).status !== 401) open.push(`${method} ${path}`);
    expect(open).toEqual([]);
  });

  it("asks nobody without users", async () => {
    await serve({});
    expect((await ask()).status).toBe(200);
  });

  it("takes other users at once after a reload", async () => {
    await serve({ users: usersOf({ alice: hashOfRight }) });
    expect((await ask("alice:right")).status).toBe(200);
    config = { ...config, users: usersOf({ alice: await hash("newer", { cost: 4 }) }) };
    expect((await ask("alice:right")).status).toBe(401);
    expect((await ask("alice:newer")).status).toBe(200);
    config = { ...config, users: usersOf({ bob: hashOfRight }) };
    expect((await ask("alice:newer")).status).toBe(401);
  });

  it("answers those it knows while a flood of guesses waits, and turns away what is too much of it", async () => {
    await serve({ users: usersOf({ alice: slowHash }) });
    expect((await ask("alice:right")).status).toBe(200);
    let answered = 0;
    const guesses = Array.from({ length: 40 }, async (_, i) => {
      const { status, headers } = await ask(`alice:guess ${i}`);
      if (status === 401) answered++;
      return `${status} ${String(headers["retry-after"] ?? "")}`;
    });
    expect((await ask("alice:right")).status).toBe(200);
    expect(answered).toBeLessThan(16);
    const counted = Object.groupBy(await Promise.all(guesses), (answer) => answer);
    expect(Object.keys(counted).toSorted()).toEqual(["401 ", "429 1"]);
  });
});

describe("headers", () => {
  it("are on every answer and win over those of a page", async () => {
    await serve({ headers: { "Content-Security-Policy": "configured", "X-Frame-Options": "deny" } });
    for (const path of ["/", "/raw", "/none", "/broken"]) {
      const { headers } = await ask(undefined, path);
      expect({ path, ...headers }).toMatchObject({
        path,
        "content-security-policy": "configured",
        "x-frame-options": "deny",
      });
    }
    config = { ...config, users: usersOf({ alice: hashOfRight }) };
    const refused = await ask();
    expect(refused.status).toBe(401);
    expect(refused.headers["x-frame-options"]).toBe("deny");
  });

  it("are left alone without a configuration", async () => {
    await serve({});
    expect((await ask()).headers["content-security-policy"]).toBe("page");
  });
});

describe("rate limit", () => {
  it("answers 429 when the burst is used up, before any password is looked at", async () => {
    await serve({ rateLimit: { interval: seconds(3_600), burst: 2 }, users: usersOf({ alice: hashOfRight }) });
    const answers = [await ask("alice:right"), await ask(), await ask("alice:right")];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 429]);
    expect(Number(answers[2]?.headers["retry-after"])).toBeGreaterThan(3_000);
    config = { ...config, rateLimit: undefined };
    expect((await ask("alice:right")).status).toBe(200);
  });
});
