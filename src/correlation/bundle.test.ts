import { describe, expect, it } from "vitest";
import { seconds } from "../core/duration.ts";
import type { Bundle, SignalReport } from "../core/evidence.ts";
import { MOST_BUNDLE_BYTES } from "../core/evidence-store.ts";
import type { FieldCounts, LogReading, LogSource, Trace, TraceReading, TraceSource } from "../core/telemetry.ts";
import { createScrubber } from "../lib/scrub.ts";
import { makeBundle } from "./bundle.ts";
import type { EvidenceSources } from "./gather.ts";
import { deploy, field, lines, logsOf, question, tracesOf } from "./rank/__fixtures__/readings.ts";

const links = {
  externalUrl: "http://watchkeeper.example.org",
  prometheusUrl: undefined,
  kibanaUrl: "https://kibana.example.org",
  messageField: "message",
  grafana: undefined,
};
const rest = { check: async () => [], close: async () => undefined };
const nothing = { notes: [], queries: [] };

const make = (sources: Partial<EvidenceSources>): Promise<Bundle> =>
  makeBundle(question, {
    sources: { changes: [], ...sources },
    deadline: seconds(5),
    signal: new AbortController().signal,
    scrub: createScrubber([]),
    links,
  });

const logSource = (reading: LogReading): LogSource => ({
  ...rest,
  read: async () => reading,
  ofTrace: async () => ({ lines: [], ...nothing }),
  line: async () => ({ line: undefined, ...nothing }),
  around: async () => ({ lines: [], ...nothing }),
});
const traceSource = (reading: TraceReading, trace?: Trace): TraceSource => ({
  ...rest,
  kind: "tempo",
  read: async () => reading,
  trace: async () => trace,
  neighbours: async () => ({ calls: [], calledBy: [], ...nothing }),
});
/** Three hundred failures that say this, and usual lines before and beside them. */
const failing = (message: string, fields: readonly FieldCounts[] = []): LogSource => {
  const usual = (index: number): string => `GET /cart/${index} served`;
  const window = [...lines("window", 900, usual), ...lines("window", 300, () => message, { level: "error" })];
  return logSource(logsOf(window, lines("baseline", 3_600, usual), { fields }));
};
const NAMED = "1".padStart(32, "0");
const reportOf = ({ reports }: Bundle, signal: SignalReport["signal"]): SignalReport | undefined =>
  reports.find((report) => report.signal === signal);

describe("a bundle", () => {
  it.each([
    ["login failed for db password=hunter2-battery-staple-horse", "battery"],
    ['{"msg":"login failed","password":"Tr0ub4dor-and-the-long-rest"}', "and-the-long"],
    ["push to gitlab refused glpat-AbCdEfGhIjKl_MnOpQr7 for user", "AbCdEf"],
    [`refused ${"word ".repeat(32)}key AKIAIOSFODNNABCDEFGH`, "AKIA"],
  ])("has no part of a secret, though patterns and titles cut through it: %s", async (message, part) => {
    const bundle = await make({ logs: failing(message) });
    expect(reportOf(bundle, "logs")).toMatchObject({ verdict: "significant" });
    expect(JSON.stringify(bundle)).not.toContain(part);
    expect(JSON.stringify(bundle)).toContain("<redac");
  });

  it("links to lines by what they have in them, not by what stands for a secret", async () => {
    const bundle = await make({ logs: failing("login failed for db password=hunter2-battery-staple-horse") });
    const [item] = reportOf(bundle, "logs")?.items ?? [];
    expect(decodeURIComponent(item?.link ?? "")).toContain('message:"login failed for db password="');
  });

  it("leaves out fields that are secrets by their names and says so, and joins values that differ in one", async () => {
    const key = field("http.request.headers.x-api-key", [300, 3_000], [["9f8a7b6c5d4e3f2a11", 290, 5]]);
    const url = field(
      "url.query",
      [300, 3_000],
      [
        ["access_token=9f8a7b6c5d4e3f2a&n=1", 150, 3],
        ["access_token=1f2a3b4c5d6e7f8a&n=1", 140, 2],
      ],
    );
    const bundle = await make({ logs: failing("order failed", [key, url]) });
    expect(JSON.stringify(bundle)).not.toMatch(/9f8a|1f2a/);
    const notes = bundle.reports.flatMap((report) => report.notes);
    expect(notes).toContain("not compared, since their values are secrets: http.request.headers.x-api-key");
    const items = reportOf(bundle, "log_fields")?.items ?? [];
    expect(items.map(({ numbers }) => numbers.selection?.count)).toEqual([290]);
    expect(items.map(({ link }) => link)).toEqual([undefined]);
  });

  it("has no secret of spans and changes", async () => {
    const attributes = [field("span.db.password", [300, 3_000], [["correct-horse-9", 290, 5]])];
    const status = field(
      "span.exception.message",
      [300, 3_000],
      [["refused: password=hunter2-battery-staple", 290, 5]],
    );
    const services = [
      { service: "shop", window: { spans: 3_300, failed: 300 }, baseline: { spans: 10_000, failed: 0 } },
    ];
    const traces = traceSource(tracesOf({ services, attributes: [...attributes, status] }));
    const change = deploy(2, { title: `shop ${"word ".repeat(33)} glpat-AbCdEfGhIjKl_MnOpQr7` });
    const changes = [{ name: "api", read: async () => ({ changes: [change], ...nothing }) }];
    const text = JSON.stringify(await make({ traces, changes }));
    expect(text).not.toMatch(/horse|battery|glpat/);
    expect(text).toContain("password=<redacted>");
  });

  it("goes without its trace when the store would not take both, and says so", async () => {
    const traceId = "1".padStart(32, "0");
    const attributes = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`a${at}`, "word ".repeat(200)]));
    const spans = Array.from({ length: 300 }, (_, at) => ({
      spanId: String(at).padStart(16, "0"),
      service: "shop",
      name: "op",
      kind: "server" as const,
      startsAt: question.window.from + at,
      durationMs: 1,
      status: "error" as const,
      events: [],
      attributes,
    }));
    const failed = [{ traceId, startsAt: question.window.from, durationMs: 1 }];
    const of = (some: Trace["spans"]): Promise<Bundle> =>
      make({ traces: traceSource(tracesOf({ failed }), { traceId, spans: some, notes: [] }) });
    const large = await of(spans);
    expect(large.trace).toBeUndefined();
    expect(Buffer.byteLength(JSON.stringify(large))).toBeLessThan(MOST_BUNDLE_BYTES);
    expect(reportOf(large, "traces")?.notes).toEqual([expect.stringContaining(`the trace ${traceId} is not kept`)]);
    expect((await of(spans.slice(0, 10))).trace?.spans).toHaveLength(10);
  });

  it.each([
    ["of the best finding", (id: string) => id],
    ["that its source named, when that of a line was not sampled", () => NAMED],
  ])("has the trace %s", async (_, expected) => {
    const [told, isSampled] = ["2".padStart(32, "0"), expected("1") === "1"];
    const failed = [{ traceId: NAMED, startsAt: question.window.from, durationMs: 1 }];
    const usual = lines("baseline", 3_600, (index) => `GET /cart/${index} served`);
    const failures = lines("window", 300, () => "charge refused", { level: "error", traceId: told });
    const traces: TraceSource = {
      ...traceSource(tracesOf({ failed })),
      trace: async (traceId) => (isSampled || traceId === NAMED ? { traceId, spans: [], notes: [] } : undefined),
    };
    const { trace } = await make({ logs: logSource(logsOf(failures, usual)), traces });
    expect(trace?.traceId).toBe(expected(told));
  });
});
