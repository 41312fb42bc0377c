import { afterEach, describe, expect, it } from "vitest";
import type { TraceSource } from "../../core/telemetry.ts";
import { json, startAnswerServer, type Answer, type AnswerServer } from "../spans/__fixtures__/answer-server.ts";
import {
  WINDOW,
  BASELINE,
  NOTHING,
  QUESTION,
  NO_PATH,
  PAGE,
  NOT_FOUND,
  trace,
  result,
  BAD,
  jaeger,
  LEGACY,
} from "./__fixtures__/shop-traces.ts";
import { openJaeger } from "./source.ts";

let server: AnswerServer | undefined;
afterEach(async () => server?.close());

async function use<T>(
  answer: (url: URL) => Answer,
  work: (source: TraceSource, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  server = await startAnswerServer((url) => answer(url), { kind: "jaeger" });
  const source = await openJaeger(server.config);
  try {
    return await work(source, AbortSignal.timeout(5_000));
  } finally {
    await source.close();
  }
}

describe("a reading of Jaeger", () => {
  it("is made of traces that are read whole", async () => {
    const reading = await use(jaeger(true), (source, signal) => source.read(QUESTION, signal));
    expect(reading.failed).toHaveLength(5);
    expect(reading.failed[0]).toMatchObject({ rootService: "shop", failedSpans: 2, failedServices: ["stock", "shop"] });
    expect(reading.slow.map(({ durationMs }) => durationMs)).toStrictEqual([900]);
    const side = (spans: number, failed: number) => ({ spans, failed, p95Ms: 10 });
    expect(reading.services).toStrictEqual([
      { service: "shop", window: side(28, 8), baseline: side(40, 0) },
      { service: "stock", window: side(28, 8), baseline: side(40, 0) },
    ]);
    expect(reading.comparison).toBe("failed");
    // of the stock too, which fails more than before
    expect(reading.attributes.find(({ field }) => field === "resource.service.version")).toStrictEqual({
      field: "resource.service.version",
      selectionTotal: 16,
      backgroundTotal: 120,
      distinct: 2,
      values: [
        { value: "2", selection: 16, background: 0 },
        { value: "1", selection: 0, background: 120 },
      ],
    });
    // there are no more of them
    expect(reading).not.toHaveProperty("sample");
    expect(reading.queries.map(({ source }) => source)).toStrictEqual(Array.from({ length: 4 }, () => "jaeger"));
  });

  it("asks for what failed the old way where attributes are not looked at", async () => {
    const reading = await use(jaeger(false), (source, signal) => source.read({ ...QUESTION, traces: 9 }, signal));
    // with those of the newest traces
    expect(reading.failed).toHaveLength(BAD.length + 1);
    expect(reading.failed.at(-1)).toStrictEqual({
      traceId: "abc".padStart(32, "0"),
      rootService: "shop",
      rootName: "GET /",
      startsAt: WINDOW.from,
      durationMs: 250.5,
      failedSpans: 1,
      failedServices: ["shop"],
    });
    expect(reading.notes).toStrictEqual([]);
    const old = server?.asked.find(({ pathname }) => pathname === "/api/traces");
    expect(Object.fromEntries(old?.searchParams ?? [])).toStrictEqual({
      service: "shop",
      start: `${WINDOW.from}000`,
      end: `${WINDOW.to}000`,
      limit: "100",
      tags: '{"error":"true"}',
    });
  });

  it("knows what failed by the newest traces where Jaeger finds none of it", async () => {
    const answer = (url: URL): Answer => (url.searchParams.has("query.attributes") ? NOT_FOUND : jaeger(true)(url));
    const reading = await use(answer, (source, signal) => source.read({ ...QUESTION, traces: 9 }, signal));
    expect(reading.failed).toHaveLength(BAD.length);
    expect(reading.notes.join(" ")).toContain("does not find what failed");
  });

  it("looks at more of the newest traces then", async () => {
    const many = Array.from({ length: 300 }, (_, at) => ({
      id: at + 1,
      at: WINDOW.from + at,
      isFailed: at % 50 === 0,
    }));
    const answer = ({ searchParams }: URL): Answer => {
      if (searchParams.has("query.attributes") || searchParams.has("query.durationMin")) return NOT_FOUND;
      return json(result(many.slice(0, Number(searchParams.get("query.num_traces")))));
    };
    const reading = await use(answer, (source, signal) => source.read({ ...QUESTION, traces: 9 }, signal));
    expect(reading.failed).toHaveLength(6);
    expect(reading.services[0]?.window).toMatchObject({ spans: 300, failed: 6 });
  });

  it("says so when it is a sample", async () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ id: at + 1, at: WINDOW.from + at }));
    const answer = ({ searchParams }: URL): Answer =>
      searchParams.has("query.attributes") || searchParams.has("query.durationMin") ? NOT_FOUND : json(result(many));
    const reading = await use(answer, (source, signal) => source.read(QUESTION, signal));
    expect(reading.sample).toStrictEqual({ taken: 200, of: undefined });
    expect(reading.failed).toStrictEqual([]);
  });

  it.each([
    ["window", WINDOW],
    ["baseline", BASELINE],
  ])("compares nothing when its %s can not be read, and says so", async (which, { from }) => {
    const start = new Date(from).toISOString();
    const answer = (url: URL): Answer =>
      url.searchParams.get("query.startTimeMin") === start && !url.searchParams.has("query.attributes")
        ? { status: 500, body: "storage timeout" }
        : jaeger(true)(url);
    const reading = await use(answer, (source, signal) => source.read(QUESTION, signal));
    expect(reading.failed).toHaveLength(5);
    expect(reading).toMatchObject({ slow: [], services: [], attributes: [] });
    expect(reading.incomplete).toMatch(new RegExp(`^traces of the ${which} of shop could not be read: .*timeout`));
  });

  it("compares the other services when one can not be read", async () => {
    const answer = (url: URL): Answer =>
      url.searchParams.get("query.serviceName") === "bank" && !url.searchParams.has("query.attributes")
        ? { status: 500, body: "storage timeout" }
        : jaeger(true)(url);
    const filter = { ...NOTHING, services: ["bank", "shop"] };
    const reading = await use(answer, (source, signal) => source.read({ ...QUESTION, filter }, signal));
    expect(reading.services.map(({ service, window }) => [service, window.failed])).toEqual([
      ["shop", 8],
      ["stock", 8],
    ]);
    expect(reading.incomplete).toContain("of bank could not be read");
  });

  it("is empty where nothing was found", async () => {
    const reading = await use(
      () => NOT_FOUND,
      (source, signal) => source.read(QUESTION, signal),
    );
    expect(reading).toMatchObject({ failed: [], slow: [], services: [], attributes: [] });
    expect(reading).not.toHaveProperty("sample");
  });

  it("looks through services when none is named", async () => {
    const answer = (url: URL): Answer =>
      url.pathname === "/api/v3/services" ? json({ services: ["stock", "shop"] }) : jaeger(true)(url);
    const reading = await use(answer, (source, signal) => source.read({ ...QUESTION, filter: NOTHING }, signal));
    expect(reading.services.map(({ service }) => service)).toStrictEqual(["shop", "stock"]);
  });

  it("fails with Jaeger's words", async () => {
    const body = '{"error":{"httpCode":500,"message":"storage is down"}}';
    const failing = use(
      () => ({ status: 500, body }),
      (source, signal) => source.read(QUESTION, signal),
    );
    await expect(failing).rejects.toMatchObject({ reason: "server_error" });
    await expect(failing).rejects.toThrow(/storage is down/);
    await server?.close();
    await expect(
      use(
        () => PAGE,
        (source, signal) => source.read(QUESTION, signal),
      ),
    ).rejects.toThrow(/this is no Jaeger/);
  });
});

describe("an answer that is none of Jaeger's", () => {
  it.each<[string, Answer]>([
    ["nothing", json({})],
    ["no list of spans", json({ result: { resourceSpans: null } })],
    ["spans without anything", json({ result: { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 7 }] }] }] } })],
    ["another server's 404", { status: 404, type: "application/json", body: '{"message":"no such route"}' }],
  ])("is a failure, and not that there are no traces: %s", async (_, answer) => {
    const reading = use(
      () => answer,
      (source, signal) => source.read(QUESTION, signal),
    );
    await expect(reading).rejects.toMatchObject({ reason: answer.status === 404 ? "not_found" : "unexpected_shape" });
  });
});

describe("a trace of Jaeger", () => {
  const read = async (answer: (url: URL) => Answer, id = "a1") =>
    use(answer, (source, signal) => source.trace(id, signal));

  it("is not said to be missing by a server that is no Jaeger", async () => {
    await expect(read(() => ({ status: 404, body: "404 page not found" }))).rejects.toThrow(/this is no Jaeger/);
  });

  it("is read, also when it is streamed as several results", async () => {
    const [first, ...rest] = trace({ id: 0xa1, at: WINDOW.from }).map((group) =>
      JSON.stringify({ result: { resourceSpans: [group] } }),
    );
    const found = await read(() => ({ status: 200, body: [first, ...rest].join("\n") }));
    expect(found?.spans.map(({ service }) => service)).toStrictEqual(["shop", "shop", "stock"]);
    expect(server?.asked[0]?.pathname).toBe(`/api/v3/traces/${"a1".padStart(32, "0")}`);
  });

  it("is undefined when there is none", async () => {
    expect(await read(() => NOT_FOUND)).toBeUndefined();
    await server?.close();
    const old: Answer = { status: 404, body: '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}' };
    expect(await read(({ pathname }) => (pathname.startsWith("/api/v3/") ? NO_PATH : old))).toBeUndefined();
  });

  it("is read the old way where v3 is missing", async () => {
    const found = await read(({ pathname }) => (pathname.startsWith("/api/v3/") ? PAGE : json(LEGACY)), "ABC");
    expect(found?.spans).toHaveLength(2);
    expect(found?.spans[0]).toMatchObject({
      kind: "server",
      status: "error",
      statusMessage: "no stock",
      durationMs: 250.5,
      attributes: { "service.version": "2", "http.response.status_code": "500" },
      events: [{ at: WINDOW.from, name: "exception", attributes: { "exception.type": "Oops" } }],
    });
    expect(found?.spans[1]).toMatchObject({ parentId: "1".padStart(16, "0"), kind: "client" });
  });

  it("that breaks off is a failure", async () => {
    const lines = [
      JSON.stringify(result([{ id: 0xa1, at: WINDOW.from }])),
      '{"error":{"message":"storage went away"}}',
    ];
    await expect(read(() => ({ status: 200, body: lines.join("\n") }))).rejects.toThrow(/storage went away/);
  });
});

describe("neighbours and the check", () => {
  it("are those that Jaeger has counted, and those of traces", async () => {
    const answer = (url: URL): Answer => {
      if (url.pathname !== "/api/dependencies") return jaeger(true)(url);
      return json({
        data: [
          { parent: "front", child: "shop", callCount: 3 },
          { parent: "front", child: "other" },
        ],
      });
    };
    const found = await use(answer, (source, signal) => source.neighbours("shop", WINDOW, signal));
    expect(found).toMatchObject({ calls: ["stock"], calledBy: ["front"] });
  });

  it("says what answers", async () => {
    const services = json({ services: ["shop"] });
    expect(
      await use(
        () => services,
        (source, signal) => source.check(signal),
      ),
    ).toMatchObject([{ ok: true }]);
    await server?.close();
    const [finding] = await use(
      () => NO_PATH,
      (source, signal) => source.check(signal),
    );
    expect(finding).toMatchObject({ ok: false });
    expect(finding?.message).toContain("this is no Jaeger");
  });
});
