import { connect, type AddressInfo } from "node:net";
import { fastify, type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleOf } from "../../app/evidence/__fixtures__/bundle.ts";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import type { LogView } from "../../app/evidence/log-view.ts";
import { RequestFault } from "../../app/evidence/request-fault.ts";
import type { EvidenceRequest } from "../../app/evidence/request.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { LogLine } from "../../core/telemetry.ts";
import { registerEvidencePages } from "./evidence-pages.ts";
import { registerEvidenceRoutes } from "./evidence.ts";

let app: FastifyInstance;
let asked: EvidenceRequest[];
let board: Partial<EvidenceBoard>;

beforeEach(() => {
  asked = [];
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
    labels: () => ["namespace", "pod", "service"],
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

  it("reads labels from one parameter too", async () => {
    await app.inject(`/api/v1/correlate?labels=${encodeURIComponent('namespace=prod,pod="shop 1"')}&service=shop`);
    expect(asked).toMatchObject([{ labels: { namespace: "prod", pod: "shop 1", service: "shop" } }]);
  });

  it.each([
    ["servce=shop", /^there is no parameter "servce": did you mean service\? There are alert, group, labels, from, to/],
    ["service=shop&form=1h", /did you mean from\?/],
    ["alert=a1b2&form=1h", /did you mean from\?/],
    ["service=shop&namespace=", /^namespace is empty/],
    ["alert=%20", /^alert is empty/],
    ["service=shop&service=cart", /^service is there more than once/],
    ["service=shop&labels=service%3Dcart", /^service is there more than once/],
    ["labels=service", /^labels, character 8: /],
    [`service=shop&${"x".repeat(1_000)}=1`, /^there is no parameter "x{60}":/],
    ["service=shop&from=2099-01-01T00:00:00Z", /^from lies in the future/],
    ["service=shop&from=10m&to=30m", /^from must be before to/],
    ["service=shop&from=9d", / apart: at most/],
    ["__proto__=x", /no parameter/],
  ])("refuses %.60s", async (query, fault) => {
    const answer = await app.inject(`/api/v1/correlate?${query}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: expect.stringMatching(fault) as string }]);
    expect(asked).toEqual([]);
  });

  it.each([`a"b'c`, "a\nb\r\0", "日本語 \ud83d\ude00 \u202e", "{}[]()|.*+\\", "<script>", "%", "a".repeat(8_000)])(
    "takes the name of a service as it is: %.30j",
    async (service) => {
      const answer = await app.inject({ url: "/api/v1/correlate", query: { service } });
      expect(answer.statusCode).toBe(200);
      expect(asked).toMatchObject([{ labels: { service } }]);
    },
  );

  it("says in its answer what the desk refuses", async () => {
    board.make = () => Promise.reject(new RequestFault("2 alerts begin with a1"));
    const answer = await app.inject("/api/v1/correlate?alert=a1");
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: "2 alerts begin with a1" }]);
  });

  it("answers 404 for an alert that is not known, and 503 while the store is away", async () => {
    expect((await app.inject("/api/v1/correlate?alert=ffff")).statusCode).toBe(404);
    board.make = () => Promise.reject(new StoreUnavailable("the disk is full"));
    const answer = await app.inject("/api/v1/correlate?alert=a1b2");
    expect([answer.statusCode, answer.json()]).toEqual([503, { error: "The store can not be read: the disk is full" }]);
  });
});

describe("a log line", () => {
  it("is found by its id, with or without its index", async () => {
    const asked: unknown[] = [];
    board.log = async (id) => {
      asked.push(id);
      const line = id.id === "lost" || id.id === "<b>" ? undefined : { at: 1, message: "paid" };
      return { id, line: { state: "read", reading: { line, notes: [] }, tookMs: 1 } };
    };
    const index = ".ds-logs-shop-default-2026.11.27-000001";
    const long = "f".repeat(128);
    for (const path of ["Ab_-9", `${index}/Ab_-9`, `${index}%2FAb_-9`, long])
      expect((await app.inject(`/api/v1/logs/${path}`)).statusCode).toBe(200);
    expect(asked).toEqual([{ id: "Ab_-9" }, { id: "Ab_-9", index }, { id: "Ab_-9", index }, { id: long }]);
    expect((await app.inject("/api/v1/logs/lost")).statusCode).toBe(404);
    const redirect = await app.inject(`/logs?id=%20%22${index}/Ab_-9%22`);
    expect([redirect.statusCode, redirect.headers["location"]]).toEqual([302, `/logs/${index}%2FAb_-9`]);
    for (const url of ["/logs?id=", "/logs?id=two%20words", "/logs/two%20words", "/api/v1/logs/two%20words"])
      expect([url, (await app.inject(url)).statusCode]).toEqual([url, 400]);
    const lost = await app.inject("/logs/%3Cb%3E");
    expect([lost.statusCode, lost.body]).toEqual([404, expect.stringContaining("no readable line of this id")]);
    expect(lost.body).not.toContain("<b>");
    expect((await app.inject("/evidence")).body).toContain('<form action="/logs" method="get"');
  });

  it("is shown with what was logged around it, and leads to all evidence of its time", async () => {
    const line = { at: 1_795_000_000_000, message: "<i>paid</i>", service: "shop" };
    const window = { from: line.at - 300_000, to: line.at + 300_000 };
    board.log = async (id) => ({
      id,
      line: { state: "read", reading: { line, notes: [] }, tookMs: 1 },
      around: {
        by: "service",
        logs: { state: "read", reading: { lines: [line], notes: [] }, tookMs: 1 },
        place: { services: ["shop"], window },
        metrics: {
          signal: "metrics",
          verdict: "source_down",
          said: "no answer within 10s",
          items: [],
          notes: [],
          window,
          baseline: window,
        },
      },
    });
    const { statusCode, body } = await app.inject("/logs/a");
    expect(statusCode).toBe(200);
    expect(body).toContain("&lt;i>paid");
    expect(body).toContain("It names no trace");
    expect(body).toContain("no answer within 10s");
    const href = /href="(\/correlate\?[^"]+)"/.exec(body)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const made = await app.inject(href);
    expect([made.statusCode, made.headers["location"]]).toEqual([302, `/evidence/${bundleOf().id}`]);
    expect(asked.at(-1)).toEqual({ about: "labels", labels: { service: "shop" }, window });
    expect((await app.inject("/correlate?service=shop&from=soon")).statusCode).toBe(400);
  });
});

describe("what was logged around a log line", () => {
  const line = { at: 1_795_000_000_000, message: "paid" };
  const read = <Reading>(reading: Reading) => ({ state: "read", reading, tookMs: 1 }) as const;
  const page = async (around?: NonNullable<LogView["around"]>): Promise<string> => {
    board.log = async (id) => ({ id, line: read({ line, notes: [] }), ...(around && { around }) });
    return (await app.inject("/logs/a")).body;
  };

  it("says whose lines they are", async () => {
    const body = await page({ by: "host", logs: read({ lines: [line], notes: [] }) });
    expect(body).toContain("the lines of the same host around it were looked for");
  });

  it("is none only where nothing hid it", async () => {
    const none = "Nothing was logged around it";
    expect(await page({ by: "pod", logs: read({ lines: [], notes: [] }) })).toContain(none);
    const hidden = await page({ by: "pod", logs: read({ lines: [], notes: ["2 of 5 shards failed"] }) });
    expect(hidden).toContain("2 of 5 shards failed");
    expect(hidden).not.toContain(none);
    const unasked = await page();
    expect(unasked).toContain("was not looked for");
    expect(unasked).not.toContain(none);
  });
});

describe("whoever asks and hangs up", () => {
  it.each([
    ["GET", "/api/v1/correlate?service=shop"],
    ["POST", `/api/v1/evidence/${bundleOf().id}/rerun`],
    ["GET", "/api/v1/traces/1234567890abcdef"],
    ["GET", "/traces/1234567890abcdef"],
    ["GET", "/api/v1/logs/a"],
    ["GET", "/logs/a"],
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
    Object.assign(board, { make: hang, rerun: hang, trace: hang, log: hang });
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
    for (const query of ["limit=0", "limit=x", "limit=1&limit=2", "grup=1"])
      expect((await app.inject(`/api/v1/evidence?${query}`)).statusCode).toBe(400);
  });

  it("is made again whether or not the request has a content type", async () => {
    const url = `/api/v1/evidence/${bundleOf().id}/rerun`;
    const headers = { "content-type": "application/json" };
    for (const request of [{}, { headers }, { headers, payload: "{}" }])
      expect((await app.inject({ method: "POST", url, ...request })).statusCode).toBe(200);
  });

  it("that is not known, or can not be read, is a page with a way back", async () => {
    const unknown = await app.inject("/evidence/ffff");
    expect([unknown.statusCode, unknown.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(unknown.body).toContain('<a href="/evidence">');
    board.incident = () => Promise.reject(new StoreUnavailable("the disk is full"));
    const away = await app.inject("/evidence/ffff");
    expect([away.statusCode, away.body]).toEqual([503, expect.stringContaining("the disk is full")]);
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

  it("can be pasted into a form, which says what is wrong with what is no id", async () => {
    const form = await app.inject("/traces");
    expect([form.statusCode, form.body]).toEqual([200, expect.stringContaining('<form action="/traces" method="get"')]);
    for (const url of ["/traces?id=not-an-id", "/traces/not-an-id"]) {
      const { statusCode, headers, body } = await app.inject(url);
      expect([statusCode, headers["content-type"]]).toEqual([400, "text/html; charset=utf-8"]);
      expect(body).toContain("1 to 32 hexadecimal digits");
      expect(body).toContain('value="not-an-id"');
    }
    expect((await app.inject("/traces?id=%22%3E%3Cscript%3E")).body).not.toContain("<script>");
    expect((await app.inject("/evidence")).body).toContain('<form action="/traces" method="get"');
  });

  it("that no source knows is a page with status 404 and a way back; one of which only lines are known is not", async () => {
    const read = (lines: readonly LogLine[]) => async (traceId: string) => ({
      traceId,
      trace: { state: "read", reading: undefined, tookMs: 1 } as const,
      logs: { state: "read", reading: { lines, notes: [] }, tookMs: 1 } as const,
    });
    board.trace = read([]);
    const { statusCode, body } = await app.inject("/traces/1234567890abcdef");
    expect([statusCode, body]).toEqual([404, expect.stringContaining('href="/evidence"')]);
    board.trace = read([{ at: 1, message: "paid" }]);
    expect((await app.inject("/traces/1234567890abcdef")).statusCode).toBe(200);
  });

  it("says on its page what is not there, and what could not be read", async () => {
    const { body } = await app.inject("/traces/1234567890abcdef");
    expect(body).toContain("The source has no trace of this id");
    expect(body).toContain("timeout: no answer within 10s");
  });
});
