import { afterEach, describe, expect, it } from "vitest";
import type { Trace } from "../../core/telemetry.ts";
import { json, type Answer, type AnswerServer } from "../spans/__fixtures__/answer-server.ts";
import { recorded, startRecordedTempo } from "./__fixtures__/recorded-tempo.ts";
import { openTempo } from "./source.ts";

const FOUND = "5b8efff798038103d269b633813fc60c";
let server: AnswerServer | undefined;

afterEach(async () => server?.close());

async function read(id: string, answer: (url: URL) => string | Answer): Promise<Trace | undefined> {
  server = await startRecordedTempo(answer);
  const source = await openTempo(server.config);
  try {
    return await source.trace(id, AbortSignal.timeout(5_000));
  } finally {
    await source.close();
  }
}

describe("a trace by its id", () => {
  it("is read with hexadecimal ids, kinds, parents and times", async () => {
    const trace = await read(FOUND, () => "trace-v2-found");
    expect(trace).toMatchObject({ traceId: FOUND, notes: [] });
    const [root, second] = trace?.spans ?? [];
    expect(root).toMatchObject({ service: "gateway", name: "POST /api/orders", kind: "server", status: "unset" });
    expect(root).not.toHaveProperty("parentId");
    expect(second).toMatchObject({ kind: "client", parentId: root?.spanId });
    expect(root?.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(root?.attributes).toMatchObject({ "http.response.status_code": "200", "service.name": "gateway" });
    const starts = trace?.spans.map(({ startsAt }) => startsAt) ?? [];
    expect(starts).toStrictEqual(starts.toSorted((a, b) => a - b));
    expect(server?.asked[0]?.pathname).toBe(`/api/v2/traces/${FOUND}`);
  });

  it("shows what failed: message, event and attributes of both span and resource", async () => {
    const trace = await read("e7709e0d4a5c41b1a8d2c5b6f1e2d3c4", () => "trace-v2-error");
    const failed = trace?.spans.filter(({ status }) => status === "error") ?? [];
    expect(failed.map(({ service }) => service)).toContain("payments");
    expect(failed[0]).toMatchObject({ service: "gateway", statusMessage: "upstream checkout failed" });
    const events = failed.flatMap((span) => span.events);
    expect(events.find(({ name }) => name === "exception")?.attributes).toHaveProperty(["exception.type"]);
  });

  it.each(["trace-v2-notfound"])("is undefined when Tempo has none of it: %s", async (name) => {
    expect(await read("ffffffffffffffffffffffffffffffff", () => name)).toBeUndefined();
  });

  it("is undefined for a 404 without a body", async () => {
    expect(await read(FOUND, () => "trace-v1-notfound")).toBeUndefined();
    expect(server?.asked).toHaveLength(1);
  });

  it("is read by v1 where v2 is not known, and is the same", async () => {
    const old = await read(FOUND, (url) => (url.pathname.startsWith("/api/v2/") ? "unknown-path" : "trace-v1-found"));
    await server?.close();
    expect(old).toStrictEqual(await read(FOUND, () => "trace-v2-found"));
    expect(old?.spans.length).toBeGreaterThan(1);
  });

  it("is undefined by v1 too, and no Tempo is told as one", async () => {
    const v1 = await read(FOUND, (url) => (url.pathname.startsWith("/api/v2/") ? "unknown-path" : "trace-v1-notfound"));
    expect(v1).toBeUndefined();
    await server?.close();
    await expect(read(FOUND, () => "unknown-path")).rejects.toMatchObject({ reason: "not_found" });
  });

  it("is not said to be missing by a server that is no Tempo", async () => {
    const nothing = { status: 404, body: JSON.stringify({ error: "There is nothing here." }) };
    await expect(read(FOUND, () => nothing)).rejects.toMatchObject({ reason: "not_found" });
  });

  it("has a span once that was pushed twice", async () => {
    const trace = await read("f5350c67b7cda69a9bc2d854cd27196a", () => "trace-v2-duplicate");
    expect(trace?.spans).toHaveLength(1);
  });

  it("says that the root has not arrived", async () => {
    const trace = await read("f0a13ffa1e3dd2689f8f359034f62db8", () => "trace-v2-noroot");
    expect(trace?.notes).toStrictEqual(["Its root span has not arrived."]);
    expect(trace?.spans[0]).toMatchObject({ service: "orphan", parentId: "eeeeeeeeeeeeeeee" });
  });

  it("calls a service that has no name by what OpenTelemetry calls it", async () => {
    const trace = await read("f79c58e728d2be26416072ea9f1c1701", () => "trace-v2-noservice");
    expect(trace?.spans[0]).toMatchObject({ service: "unknown_service", durationMs: 0 });
  });

  it("keeps less than a millisecond", async () => {
    const trace = await read("f719cb01eb457f3360cebacf487e26f8", () => "trace-v2-submillisecond");
    expect(trace?.spans[0]?.durationMs).toBeCloseTo(0.3, 3);
  });

  it.each(["abc1234def56789", "0ABC1234DEF56789", "00000000000000000abc1234def56789"])(
    "is found by a short or a long id: %s",
    async (id) => {
      const trace = await read(id, () => "trace-v2-zeros-stripped");
      expect(trace?.traceId).toBe("00000000000000000abc1234def56789");
      expect(trace?.spans.length).toBeGreaterThan(5);
      expect(server?.asked[0]?.pathname).toBe("/api/v2/traces/00000000000000000abc1234def56789");
    },
  );

  it("is the same before and after Tempo has written it to a block", async () => {
    const live = await read("dd1a124782c609a3a619ecfe8f4e11d1", () => "trace-v2-live");
    await server?.close();
    expect(await read("dd1a124782c609a3a619ecfe8f4e11d1", () => "trace-v2-flushed")).toEqual(live);
  });

  it("says what Tempo says of one that is not whole", async () => {
    const trace = await read("b160c0ffb160c0ffb160c0ffb160c0ff", () => "limit-trace-v2-partial");
    expect(trace?.notes.join(" ")).toContain("Trace exceeds maximum size of 5000 bytes");
  });

  it("fails with Tempo's words where v1 refuses one that is too large", async () => {
    const answer = (url: URL): string =>
      url.pathname.startsWith("/api/v2/") ? "unknown-path" : "limit-trace-v1-too-large";
    await expect(read("b160c0ffb160c0ffb160c0ffb160c0ff", answer)).rejects.toThrow(/trace exceeds max size|processing/);
  });

  it.each(["", "zzzz", "5b8efff7-9803-8103-d269-b633813fc60c", `${FOUND}ab`, "a/../b", "'; --"])(
    "is not asked for by what is no id: %s",
    async (id) => {
      await expect(read(id, () => "trace-v2-found")).rejects.toThrow(/no trace id/);
      expect(server?.asked).toHaveLength(0);
    },
  );

  it("comes with its failed spans only when it is larger than what is read", async () => {
    const trace = await read(FOUND, (url) =>
      url.searchParams.has("q")
        ? recorded("trace-v2-found")
        : { status: 200, type: "application/json", body: "", headers: { "content-length": String(64 * 1024 * 1024) } },
    );
    expect(trace?.notes[0]).toBe("The trace is too large to be read: only its failed spans were.");
    expect(server?.asked[1]?.searchParams.get("q")).toBe("{ status = error }");
  });

  it("is cut when it has very many spans; what failed stays, with what led to it", async () => {
    const spans = Array.from({ length: 20_000 }, (_, at) => ({
      traceId: FOUND,
      spanId: (at + 1).toString(16).padStart(16, "0"),
      ...(at > 0 && { parentSpanId: (at < 19_990 ? 1 : at).toString(16).padStart(16, "0") }),
      name: `span ${at}`,
      startTimeUnixNano: String(1_795_426_000_000_000_000n + BigInt(at) * 1_000_000n),
      endTimeUnixNano: String(1_795_426_000_000_000_000n + BigInt(at + 1) * 1_000_000n),
      status: at === 19_999 ? { code: "STATUS_CODE_ERROR" } : {},
    }));
    const trace = await read(FOUND, () => json({ trace: { resourceSpans: [{ scopeSpans: [{ spans }] }] } }));
    expect(trace?.spans).toHaveLength(10_000);
    expect(trace?.notes[0]).toMatch(/^It has 20000 spans/);
    expect(trace?.spans.slice(-10).map(({ name }) => name)).toStrictEqual(
      Array.from({ length: 10 }, (_, at) => `span ${19_990 + at}`),
    );
    expect(trace?.spans[0]?.name).toBe("span 0");
  });
});
