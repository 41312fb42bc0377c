import { describe, expect, it } from "vitest";
import { json, type Answer } from "../spans/__fixtures__/answer-server.ts";
import {
  BASELINE,
  counts,
  isFailedSearch,
  isOfWindow,
  readFrom,
  series,
  text,
  WINDOW,
} from "./__fixtures__/reading.ts";

describe("counts", () => {
  it("are of all spans where Tempo counts them", async () => {
    const reading = await readFrom(counts);
    expect(reading.services).toStrictEqual([
      {
        service: "payments",
        window: { spans: 380, failed: 31, p95Ms: 250 },
        baseline: { spans: 190, failed: 0, p95Ms: 250 },
      },
    ]);
    expect(reading).not.toHaveProperty("sample");
  });

  it("include the services that are called", async () => {
    const callee = [{ key: "service.name", value: text("ledger") }];
    const found = json({
      traces: [
        { traceID: "1", startTimeUnixNano: `${WINDOW.from}000000`, spanSets: [{ spans: [{ attributes: callee }] }] },
      ],
    });
    const { asked } = await readFrom((url, q) => (q.includes("} >> {") ? found : counts(url, q)));
    const counted = asked.map(({ searchParams }) => searchParams.get("q") ?? "").find((q) => q.includes("count_over"));
    expect(counted).toContain('{ (resource.service.name = "payments" || resource.service.name = "ledger") && (kind');
  });

  it("come with Tempo's words when it left series out", async () => {
    const { notes } = await readFrom((_url, q) =>
      q.includes("count_over_time") ? "limit-metrics-series-instant" : undefined,
    );
    expect(notes.join(" ")).toContain("Response exceeds maximum series limit of 3");
  });

  it("make a trace slow that took longer than nearly all before", async () => {
    const { slow } = await readFrom((url, q) =>
      q.includes("duration > 500ms") && url.pathname === "/api/search" ? "search-service" : counts(url, q),
    );
    expect(slow).toHaveLength(5);
    const durations = slow.map(({ durationMs }) => durationMs);
    expect(durations).toStrictEqual(durations.toSorted((a, b) => b - a));
  });

  it("say that nothing can be slow without a time before", async () => {
    const { slow, notes } = await readFrom(() => undefined);
    expect(slow).toStrictEqual([]);
    expect(notes).toContain("No spans of the baseline are known, so that none can be called slow.");
  });
});

describe("attributes", () => {
  it("of what failed are compared by Tempo, each span counted once", async () => {
    const reading = await readFrom((url, q) => (q.includes("compare(") ? "metrics-instant-compare" : counts(url, q)));
    expect(reading.comparison).toBe("failed");
    const field = (name: string) => reading.attributes.find((one) => one.field === name);
    expect(field("resource.service.name")).toMatchObject({
      selectionTotal: 31,
      backgroundTotal: 380,
      values: [{ value: "payments", selection: 31, background: 380 }],
    });
    expect(field("resource.service.instance.id")?.values).toStrictEqual([
      { value: "payments-0", selection: 23, background: 275 },
      { value: "payments-1", selection: 8, background: 105 },
    ]);
    expect(field("span.http.response.status_code")?.values).toStrictEqual([
      { value: "500", selection: 31, background: 0 },
      { value: "200", selection: 0, background: 380 },
    ]);
    expect(field("statusMessage")?.values).toStrictEqual([
      { value: "card network timeout", selection: 31, background: 0 },
    ]);
    // of many names two a side are told: what the other side did not tell is not zero
    expect(field("rootName")?.values).toStrictEqual([
      { value: "GET /api/products/{id}", selection: 15, background: 128 },
      { value: "GET /api/cart", selection: 9, background: 110 },
      { value: "POST /api/orders", selection: 7, background: 142 },
    ]);
    expect(field("rootName")?.distinct).toBe(4);
    // what decides on the side, what nobody has, and what says nothing
    for (const none of ["status", "kind", "span.url.path", "span:childCount"]) expect(field(none)).toBeUndefined();
  });

  it("are asked for over baseline and window, selected within the window", async () => {
    const { queries } = await readFrom(counts);
    const query = queries.find(({ purpose }) => purpose.startsWith("attributes"));
    const search = new URLSearchParams(query?.path.split("?")[1]);
    expect(search.get("q")).toBe(
      '{ resource.service.name = "payments" && (kind = server || kind = consumer) } | compare({ status = error }, 20, 1795425620000000000, 1795426520000000000)',
    );
    expect([search.get("start"), search.get("end")]).toStrictEqual(["1795422020", "1795426520"]);
  });

  it("of what is slow are compared with the same time", async () => {
    const { comparison, queries } = await readFrom((url, q) => {
      const p = (share: number, seconds: number) =>
        [{ "resource.service.name": text("payments"), p: { doubleValue: share } }, seconds] as const;
      if (q.includes("quantile_over_time")) {
        return isOfWindow(url) ? series([p(0.95, 4), p(0.99, 8)]) : series([p(0.95, 0.25), p(0.99, 0.5)]);
      }
      const name = { "resource.service.name": text("payments"), status: text("unset") };
      return q.includes("count_over_time") ? series([[name, 300]]) : undefined;
    });
    expect(comparison).toBe("slow");
    const query = queries.find(({ purpose }) => purpose.startsWith("attributes"));
    const search = new URLSearchParams(query?.path.split("?")[1]);
    expect(search.get("q")).toContain(
      'compare({ (resource.service.name = "payments" && duration > 250ms) }, 20, 1795425620000000000',
    );
    expect([search.get("start"), search.get("end")]).toStrictEqual(["1795425620", "1795426520"]);
  });

  it("that have more values than are told are told to have them", async () => {
    const id = (value: string, type: string, count: number) =>
      [{ __meta_type: text(type), "span.order.id": text(value) }, count] as const;
    const total = (field: string, type: string, count: number) =>
      [{ __meta_type: text(type), [field]: text("nil") }, count] as const;
    const { attributes } = await readFrom((url, q) =>
      q.includes("compare(")
        ? series([
            [{ __meta_type: text("selection"), name: text("charge") }, 31],
            total("name", "selection_total", 31),
            total("name", "baseline_total", 300),
            ...["a", "b"].map((value) => id(value, "selection", 1)),
            ...["c", "d"].map((value) => id(value, "baseline", 1)),
            total("span.order.id", "selection_total", 31),
            total("span.order.id", "baseline_total", 300),
            [{ __meta_error: text("__too_many_values__"), "span.order.id": text("nil") }, 0],
          ])
        : counts(url, q),
    );
    const ids = attributes.find(({ field }) => field === "span.order.id");
    // each of those that are not told occurs at most once
    expect(ids?.distinct).toBeGreaterThanOrEqual(300);
    // what one side did not tell is not zero: it may be among the rest
    expect(ids?.values).toContainEqual({ value: "a", selection: 1, background: 1 });
  });

  it("are asked for again with fewer values when Tempo left series out", async () => {
    const partial = json({ series: [], status: "PARTIAL", message: "too many series" });
    const { queries } = await readFrom((url, q) => {
      if (!q.includes("compare(")) return counts(url, q);
      return q.includes(", 20,") ? partial : "metrics-instant-compare";
    });
    expect(queries.filter(({ purpose }) => purpose.startsWith("attributes"))).toHaveLength(2);
  });
});

describe("a Tempo that counts nothing", () => {
  const refused = { status: 500, type: "text/plain", body: "localblocks processor not found" };
  const start = WINDOW.from + 60_000;

  function sampled(url: URL): Answer {
    const isWindow = isOfWindow(url);
    const traces = Array.from({ length: 20 }, (_, at) => {
      const isFailed = isWindow && at < 8;
      const attributes = {
        "service.name": "payments",
        status: isFailed ? "error" : "unset",
        kind: "server",
        "k8s.pod.name": isFailed ? "bad" : "good",
        "http.route": "/charge",
      };
      const spans = [
        {
          spanID: String(at + 1),
          name: "POST /charge",
          durationNanos: "5000000",
          attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: text(value) })),
        },
      ];
      const at0 = isWindow ? start : BASELINE.from + 60_000;
      return { traceID: String(at + 1), startTimeUnixNano: `${at0 + at}000000`, durationMs: 5, spanSets: [{ spans }] };
    });
    return json({ traces });
  }

  it("has a sample of its traces looked at, and says so", async () => {
    const reading = await readFrom((url, q) => {
      if (url.pathname.startsWith("/api/metrics")) return refused;
      if (url.pathname === "/api/v2/search/tags") return "tags-v2-all";
      return q.includes("select(name") ? sampled(url) : undefined;
    });
    expect(reading.sample).toStrictEqual({ taken: 40, of: undefined });
    expect(reading.notes.join(" ")).toContain("localblocks processor not found");
    expect(reading.services).toStrictEqual([
      {
        service: "payments",
        window: { spans: 20, failed: 8, p95Ms: 5 },
        baseline: { spans: 20, failed: 0, p95Ms: 5 },
      },
    ]);
    expect(reading.comparison).toBe("failed");
    expect(reading.attributes.find(({ field }) => field === "resource.k8s.pod.name")).toStrictEqual({
      field: "resource.k8s.pod.name",
      selectionTotal: 8,
      backgroundTotal: 32,
      distinct: 2,
      values: [
        { value: "bad", selection: 8, background: 0 },
        { value: "good", selection: 0, background: 32 },
      ],
    });
    expect(reading.attributes.map(({ field }) => field)).toContain("span.http.route");
  });

  it("fails nothing when there is no sample either", async () => {
    const reading = await readFrom((url, q) => {
      if (url.pathname.startsWith("/api/metrics") || q.includes("select(name")) return refused;
      return isFailedSearch(url, q) ? "search-error" : undefined;
    });
    expect(reading.failed).toHaveLength(5);
    expect(reading.services).toStrictEqual([]);
    expect(reading.notes.join(" ")).toContain("Counts of spans could not be read");
    expect(reading.incomplete).toMatch(/^counts of spans could not be read: .*localblocks/);
    expect(reading.comparisonIncomplete).toMatch(/^attributes could not be read: /);
  });

  it("says that it lacks attributes alone when only they can not be had", async () => {
    const reading = await readFrom((url, q) => {
      if (q.includes("compare(") || q.includes("select(name")) return refused;
      return url.pathname.startsWith("/api/metrics") ? counts(url, q) : undefined;
    });
    expect(reading.services).toHaveLength(1);
    expect(reading).not.toHaveProperty("incomplete");
    expect(reading.comparisonIncomplete).toMatch(/^attributes could not be read: .*localblocks/);
  });
});
