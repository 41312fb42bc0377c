import { connect, type AddressInfo } from "node:net";
import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleOf } from "../../app/evidence/__fixtures__/bundle.ts";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import type { EvidenceRequest } from "../../app/evidence/request.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { Change } from "../../core/telemetry.ts";
import { registerEvidencePages } from "./evidence-pages.ts";
import { registerEvidenceRoutes } from "./evidence.ts";

let app: FastifyInstance;
let asked: EvidenceRequest[];
let kept: Change[];
let board: Partial<EvidenceBoard>;

beforeEach(() => {
  asked = [];
  kept = [];
  board = {
    make: async (request) => {
      asked.push(request);
      return request.about === "alert" && request.fingerprint !== "a1b2" ? undefined : bundleOf();
    },
    bundle: async (id) => (id === bundleOf().id ? bundleOf() : undefined),
    bundles: async () => [
      { id: bundleOf().id, createdAt: 1, about: "<b>CheckoutDown</b>", window: { from: 1, to: 2 }, best: "x" },
    ],
    incident: async (id) => (id === bundleOf().id ? { bundle: bundleOf(), deliveries: [], others: [] } : undefined),
    rerun: async (id) => (id === bundleOf().id ? { bundle: bundleOf(), isSame: true, differences: [] } : undefined),
    trace: async (traceId) => ({
      traceId,
      trace: { state: "read", reading: undefined, tookMs: 1 },
      logs: { state: "down", reason: "timeout", message: "no answer within 10s", tookMs: 10_000 },
    }),
    keepChange: async (change) => void kept.push(change),
  };
  app = fastify();
  registerEvidenceRoutes(app, board as EvidenceBoard);
  registerEvidencePages(app, board as EvidenceBoard, { frame: { hasAlerts: true }, slos: undefined });
});
afterEach(() => app.close());

describe("GET /api/v1/correlate", () => {
  it("makes a bundle about an alert, and about labels in a time", async () => {
    const answer = await app.inject("/api/v1/correlate?alert=A1B2");
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: bundleOf().id, reports: [{ signal: "changes" }, {}, {}, {}, {}, {}] });
    await app.inject("/api/v1/correlate?service=shop&namespace=prod&from=1h&to=now");
    expect(asked).toEqual([
      { about: "alert", fingerprint: "a1b2" },
      expect.objectContaining({ about: "labels", labels: { service: "shop", namespace: "prod" } }),
    ]);
  });

  it("says what is wrong with a question, and asks nothing", async () => {
    const answer = await app.inject("/api/v1/correlate?service=shop&from=soon");
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { error: expect.stringContaining("from=soon is no time") as string },
    ]);
    expect((await app.inject("/api/v1/correlate")).statusCode).toBe(400);
    expect(asked).toEqual([]);
  });

  it("answers 404 for an alert that is not known, and 503 while the store is away", async () => {
    expect((await app.inject("/api/v1/correlate?alert=ffff")).statusCode).toBe(404);
    board.make = () => Promise.reject(new StoreUnavailable("the disk is full"));
    const answer = await app.inject("/api/v1/correlate?alert=a1b2");
    expect([answer.statusCode, answer.json()]).toEqual([503, { error: "The store can not be read: the disk is full" }]);
  });
});

describe("whoever asks and hangs up", () => {
  it.each([
    ["GET", "/api/v1/correlate?service=shop"],
    ["POST", `/api/v1/evidence/${bundleOf().id}/rerun`],
    ["GET", "/api/v1/traces/1234567890abcdef"],
    ["GET", "/traces/1234567890abcdef"],
  ])("is given up without an error: %s %s", async (method, path) => {
    const errors: unknown[] = [];
    app.addHook("onError", async (_request, _reply, error) => void errors.push(error));
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const hang = (_: unknown, signal: AbortSignal): Promise<never> => {
      begun.resolve();
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          reject(signal.reason as Error);
          ended.resolve();
        }),
      );
    };
    Object.assign(board, { make: hang, rerun: hang, trace: hang });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n`),
    );
    await begun.promise;
    socket.destroy();
    await ended.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([]);
  });
});

describe("evidence that was made", () => {
  it("is listed, shown and made again, as JSON", async () => {
    const id = bundleOf().id;
    expect((await app.inject("/api/v1/evidence")).json()).toMatchObject({ bundles: [{ id }] });
    expect((await app.inject(`/api/v1/evidence/${id}`)).json()).toMatchObject({ id });
    expect((await app.inject({ method: "POST", url: `/api/v1/evidence/${id}/rerun` })).json()).toMatchObject({
      isSame: true,
    });
    for (const [method, url] of [
      ["GET", "/api/v1/evidence/ffff"],
      ["POST", "/api/v1/evidence/ffff/rerun"],
      ["GET", "/evidence/ffff"],
    ] as const)
      expect((await app.inject({ method, url })).statusCode).toBe(404);
    expect((await app.inject("/api/v1/evidence?limit=0")).statusCode).toBe(400);
  });

  it("is shown as pages, hostile names as texts", async () => {
    const list = await app.inject("/evidence");
    expect(list.headers["content-type"]).toContain("text/html");
    expect(list.body).toContain("&lt;b>CheckoutDown");
    expect((await app.inject(`/evidence/${bundleOf().id}`)).body).toContain("What stands out");
  });
});

describe("a trace", () => {
  it("is found by an id as people paste it", async () => {
    const id = "00000000000000001234567890abcdef";
    expect((await app.inject("/api/v1/traces/1234567890ABCDEF")).json()).toMatchObject({ traceId: id });
    const redirect = await app.inject("/traces?id=%201234567890ABCDEF%20");
    expect([redirect.statusCode, redirect.headers["location"]]).toEqual([302, `/traces/${id}`]);
    for (const url of ["/api/v1/traces/nothex", "/traces/0000", "/traces?id=", `/traces/${"a".repeat(33)}`])
      expect([url, (await app.inject(url)).statusCode]).toEqual([url, 400]);
  });

  it("says on its page what is not there, and what could not be read", async () => {
    const { body } = await app.inject("/traces/1234567890abcdef");
    expect(body).toContain("The source has no trace of this id");
    expect(body).toContain("timeout: no answer within 10s");
  });
});

describe("POST /api/v1/changes", () => {
  const tell = (payload: object) => app.inject({ method: "POST", url: "/api/v1/changes", payload });

  it("keeps a change, now unless it says when", async () => {
    const before = Date.now();
    const answer = await tell({ title: "shop 2.4.0", labels: { service: "shop" }, link: "https://ci.example.org/1" });
    expect(answer.statusCode).toBe(201);
    await tell({ kind: "config", title: "pool\nresized", at: "2026-11-27T03:00:00Z" });
    expect(kept).toEqual([
      {
        kind: "deploy",
        at: expect.any(Number) as number,
        title: "shop 2.4.0",
        labels: { service: "shop" },
        source: "api",
        link: "https://ci.example.org/1",
      },
      { kind: "config", at: Date.parse("2026-11-27T03:00:00Z"), title: "pool resized", labels: {}, source: "api" },
    ]);
    expect(kept[0]?.at).toBeGreaterThanOrEqual(before);
  });

  it.each([Date.now() + 23 * 3_600_000, "399d"])("keeps one of %s", async (at) => {
    expect((await tell({ title: "planned", at })).statusCode).toBe(201);
    expect(kept).toHaveLength(1);
  });

  it.each([
    [{}, /title/],
    [{ title: "x", kind: "party" }, /kind/],
    [{ title: "x", kind: "alert" }, /kind/],
    [{ title: "x", at: "soon" }, /at/],
    [{ title: "x", at: "99999999y" }, /^at: a time is/],
    [{ title: "x", at: `${"9".repeat(400)}y` }, /^at: a time is/],
    [{ title: "x", at: 1e300 }, /^at: a time is/],
    [{ title: "x", at: Date.now() + 25 * 3_600_000 }, /^at: .*a day ahead/],
    [{ title: "x", at: "401d" }, /^at: .*400 days/],
    [{ title: "x", link: "javascript:alert(1)" }, /link/],
    [{ title: "x", labels: { a: 1 } }, /labels\.a/],
    [{ title: "x", extra: 1 }, /extra/],
  ])("refuses %j", async (payload, message) => {
    const answer = await tell(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ error: string }>().error).toMatch(message);
    expect(kept).toEqual([]);
  });
});
