import { beforeEach, describe, expect, it } from "vitest";
import { CollectError } from "../../core/errors.ts";
import { fakePrometheus, refusal, type FakePrometheus } from "./__fixtures__/fake-prometheus.ts";
import { ask, MINUTE, openFake, shop, TO } from "./__fixtures__/shop-question.ts";

const signal = AbortSignal.timeout(60_000);
let fake: FakePrometheus;
const open = (patience?: number) => openFake(fake, patience);

beforeEach(() => (fake = fakePrometheus()));

describe("what goes wrong", () => {
  beforeEach(() => (fake.series = [shop("cpu"), shop("a_total"), shop("b_total")]));

  it("keeps what was read when the rest does not come in time", async () => {
    const late = new AbortController();
    fake.fault = (path, query) => {
      if (path !== "query_range" || !query.includes("b_total")) return undefined;
      // by then the others are answered
      setImmediate(() => late.abort(new DOMException("late", "TimeoutError")));
      return "hang";
    };
    const { series, of, notes } = await open().read(ask(), late.signal);
    expect(series.map(({ metric }) => metric)).toEqual(["a_total", "cpu"]);
    expect(of).toBe(3);
    expect(notes).toEqual([
      "the same time yesterday could not be read in time",
      "1 series could not be read in time",
      "a query of metrics failed: GET http://prometheus: no complete answer",
    ]);
  });

  it.each(["query", "metadata"])("has time left for the values when %s does not answer", async (slow) => {
    fake.fault = (path) => (path === slow ? "hang" : undefined);
    const { series, notes } = await open(500).read(ask(), signal);
    expect([series.length, notes]).toEqual([3, []]);
  });

  it("is down when no series came in time, though no query of them failed", async () => {
    const late = new AbortController();
    fake.fault = (path) => {
      if (path !== "query") return undefined;
      late.abort(new DOMException("late", "TimeoutError"));
      return "hang";
    };
    await expect(open().read(ask(), late.signal)).rejects.toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("none of 3 series") as string,
    });
  });

  it("waits no longer than it is told to", async () => {
    fake.fault = () => "hang";
    await expect(open(20).read(ask(), signal)).rejects.toMatchObject({ reason: "timeout" });
  });

  it("keeps what was read when a query is refused, with the server's words", async () => {
    fake.fault = (_path, query) => (query.includes("rate(b_total") ? refusal(422, "too many samples") : undefined);
    const { series, of, notes, incomplete } = await open().read(ask(), signal);
    expect([series.length, of, incomplete]).toEqual([2, 3, "1 series could not be read"]);
    expect(notes).toEqual([
      "1 series could not be read",
      "a query of metrics failed: GET http://prometheus: status 422: too many samples",
    ]);
  });

  it.each(["series", "query_range"])("is down when every request to %s fails", async (failing) => {
    fake.fault = (path) => (path === failing ? new CollectError("connection_refused", "nobody is there") : undefined);
    await expect(open().read(ask(), signal)).rejects.toMatchObject({ reason: "connection_refused" });
    // a server that is lost is not asked for everything else
    expect(fake.asked.filter(({ path }) => path === failing).length).toBeLessThanOrEqual(6);
  });

  it("goes without types, intervals, exemplars and the past when they are refused", async () => {
    fake.exemplars = "refused";
    fake.fault = (path) => (path === "metadata" || path === "query" ? refusal(404, "page not found") : undefined);
    const { series, exemplars, notes } = await open().read(ask(), signal);
    expect([series.length, exemplars, notes]).toEqual([3, [], []]);
  });

  it("tells the server's warnings, but not its advice", async () => {
    fake.warnings = [
      "store 2 did not answer\nwithin 5s",
      "results truncated due to limit",
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x"',
    ];
    expect((await open().read(ask(), signal)).notes).toEqual(["Prometheus says: store 2 did not answer within 5s"]);
  });

  it("rejects when it was aborted before it began", async () => {
    await expect(open().read(ask(), AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  });
});

describe("exemplars", () => {
  const exemplar = (value: string, labels: Record<string, string>) => ({ labels, value, timestamp: TO / 1_000 - 60 });

  it("are the greatest values that name a trace, however the label is spelled", async () => {
    fake.series = [shop("cpu")];
    fake.exemplars = [
      {
        seriesLabels: { __name__: "latency_bucket", service: "shop", le: "1" },
        exemplars: [
          exemplar("0.5", { trace_id: "A1" }),
          exemplar("7", { traceID: "b2" }),
          exemplar("7", { "trace.id": "c3" }),
          exemplar("9", { span_id: "d4" }),
          exemplar("8", { trace_id: "not an id" }),
          exemplar("8", { trace_id: "0000" }),
          exemplar("NaN", { trace_id: "e5" }),
        ],
      },
    ];
    const { exemplars } = await open().read(ask(), signal);
    expect(exemplars.map(({ traceId, value }) => [traceId.replace(/^0+/, ""), value])).toEqual([
      ["b2", 7],
      ["c3", 7],
      ["a1", 0.5],
    ]);
    expect(exemplars[0]).toMatchObject({ metric: "latency", labels: { service: "shop" }, at: TO - MINUTE });
    expect(exemplars[0]?.traceId).toHaveLength(32);
  });
});

describe("the rest of the port", () => {
  it("gives labels at a time", async () => {
    fake.series = [shop("cpu", { node: "a" })];
    expect(await open().labelsAt("cpu", TO, signal)).toEqual([{ __name__: "cpu", service: "shop", node: "a" }]);
    expect(fake.asked[0]?.search.get("time")).toBe(String(TO / 1_000));
  });

  it("checks that queries are answered, and says why not", async () => {
    expect(await open().check(signal)).toMatchObject([{ ok: true }]);
    fake.fault = () => new CollectError("unauthorized", "GET http://prometheus: status 401");
    expect(await open().check(signal)).toMatchObject([
      { ok: false, message: expect.stringMatching(/^unauthorized/) as string },
    ]);
  });

  it("closes its client", async () => {
    await open().close();
    expect(fake.closed).toBe(true);
  });
});
