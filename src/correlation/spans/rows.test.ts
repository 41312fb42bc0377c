import { describe, expect, it } from "vitest";
import type { ServiceSpans, SpanCounts, TelemetryFilter } from "../../core/telemetry.ts";
import { row } from "./__fixtures__/rows.ts";
import { chooseComparison, chooseServices } from "./comparison.ts";
import { findBelow, findNeighbours } from "./neighbours.ts";
import { countByService } from "./service-counts.ts";
import { countSides } from "./sides.ts";
import { belongs } from "./span-row.ts";
import { summarise } from "./summary.ts";

const NOTHING: TelemetryFilter = { services: [], namespaces: [], pods: [], hosts: [] };

describe("a span belongs", () => {
  const span = row({
    service: "shop",
    resource: { "k8s.pod.name": "p1", "host.name": "h1", "k8s.namespace.name": "n1" },
  });

  it.each([
    [{}, true],
    [{ services: ["shop"] }, true],
    [{ services: ["other"] }, false],
    [{ services: ["other"], pods: ["p1"] }, true],
    [{ hosts: ["h1"] }, true],
    [{ hosts: ["h2"] }, false],
    [{ namespaces: ["n1"] }, true],
    [{ namespaces: ["n2"] }, false],
    [{ services: ["shop"], namespaces: ["n2"] }, false],
  ])("%j: %s", (filter, belonging) => {
    expect(belongs(span, { ...NOTHING, ...filter })).toBe(belonging);
  });

  it("also when its namespace is not known, but only to what is named", () => {
    const homeless = row({ service: "shop" });
    expect(belongs(homeless, { ...NOTHING, services: ["shop"], namespaces: ["n1"] })).toBe(true);
    expect(belongs(homeless, { ...NOTHING, namespaces: ["n1"] })).toBe(false);
  });
});

describe("a summary", () => {
  it("names who failed first, where the failure began", () => {
    const rows = [
      row({ spanId: "1", service: "front", status: "error", durationMs: 100 }),
      row({ spanId: "2", parentId: "1", service: "shop", status: "error", startsAt: 1_010 }),
      row({ spanId: "3", parentId: "2", service: "pay", status: "error", startsAt: 1_020, durationMs: 500 }),
      row({ spanId: "4", parentId: "2", service: "mail", startsAt: 1_030 }),
    ];
    expect(summarise("t", rows)).toStrictEqual({
      traceId: "t",
      rootService: "front",
      rootName: "GET /",
      startsAt: 1_000,
      durationMs: 520,
      failedSpans: 3,
      failedServices: ["pay", "shop", "front"],
    });
  });

  it("finds where a failure began also under spans that did not fail, and in a circle", () => {
    const rows = [
      row({ spanId: "1", service: "front", status: "error", startsAt: 1_100 }),
      row({ spanId: "2", parentId: "1", service: "front", kind: "client" }),
      row({ spanId: "3", parentId: "2", service: "pay", status: "error", startsAt: 1_020 }),
      row({ spanId: "4", parentId: "5", service: "odd", status: "error" }),
      row({ spanId: "5", parentId: "4", service: "odd" }),
    ];
    expect(summarise("t", rows).failedServices).toStrictEqual(["pay", "odd", "front"]);
  });

  it("has no root while it has not arrived", () => {
    expect(summarise("t", [row({ parentId: "9" })])).not.toHaveProperty("rootService");
  });
});

describe("counts by service", () => {
  it("are of entry spans only", () => {
    const rows = [
      ...Array.from({ length: 100 }, (_, at) => row({ durationMs: at + 1 })),
      row({ kind: "consumer", status: "error", durationMs: 1 }),
      row({ kind: "client", status: "error" }),
      row({ kind: "internal", service: "other" }),
    ];
    expect([...countByService(rows)]).toStrictEqual([["shop", { spans: 101, failed: 1, p95Ms: 95 }]]);
  });
});

describe("neighbours", () => {
  it("are found by parents, and a silent one by what its caller names it", () => {
    const rows = [
      row({ spanId: "1", service: "front", kind: "client" }),
      row({ spanId: "2", parentId: "1", service: "shop" }),
      row({ spanId: "3", parentId: "2", service: "shop", kind: "client", own: { "peer.service": "payments" } }),
      row({ spanId: "4", parentId: "3", service: "pay" }),
      row({ spanId: "5", parentId: "2", service: "shop", kind: "client", own: { "peer.service": "redis" } }),
      row({ spanId: "6", parentId: "2", service: "front", traceId: "another" }),
    ];
    expect(findNeighbours("shop", rows)).toStrictEqual({ calls: ["pay", "redis"], calledBy: ["front"] });
  });
});

describe("the services below one", () => {
  it("are called by it, also through others, and a circle ends", () => {
    const rows = [
      row({ spanId: "1", service: "front" }),
      row({ spanId: "2", parentId: "1", service: "shop" }),
      row({ spanId: "3", parentId: "2", service: "pay" }),
      row({ spanId: "4", parentId: "3", service: "bank" }),
      row({ spanId: "5", parentId: "1", service: "mail" }),
      row({ spanId: "8", parentId: "9", service: "shop", traceId: "u" }),
      row({ spanId: "9", parentId: "8", service: "odd", traceId: "u" }),
    ];
    expect(findBelow("shop", rows)).toStrictEqual(["bank", "odd", "pay"]);
  });
});

describe("what is compared", () => {
  const counts = (window: Partial<SpanCounts>, baseline: Partial<SpanCounts>): ServiceSpans[] => [
    {
      service: "shop",
      window: { spans: 100, failed: 0, p95Ms: 10, ...window },
      baseline: { spans: 400, failed: 0, p95Ms: 10, ...baseline },
    },
  ];

  it.each([
    ["failed", counts({ failed: 10 }, {})],
    ["failed", counts({ failed: 10, p95Ms: 100 }, {})],
    ["slow", counts({ failed: 10, p95Ms: 100 }, { failed: 40 })],
    ["slow", counts({ p95Ms: 100 }, {})],
    // failures as many as before, or a few more by chance, beside what got slower
    ["slow", counts({ spans: 1_000, failed: 50, p95Ms: 14 }, { spans: 4_000, failed: 200 })],
    ["slow", counts({ spans: 1_000, failed: 5, p95Ms: 30 }, { spans: 4_000, failed: 8 })],
    ["failed", counts({ spans: 1_000, failed: 50 }, { spans: 4_000, failed: 20 })],
    ["failed", counts({ p95Ms: 100, spans: 10, failed: 1 }, {})],
    ["failed", counts({ failed: 1 }, {})],
    ["slow", counts({}, {})],
    ["window", []],
  ])("is %s", (comparison, services) => {
    expect(chooseComparison(services)).toBe(comparison);
  });

  it("are the services asked for, and those below that got worse", () => {
    const one = (service: string, window: Partial<SpanCounts>): ServiceSpans[] =>
      counts(window, {}).map((rest) => ({ ...rest, service }));
    const services = [
      ...one("shop", {}),
      ...one("pay", { failed: 20 }),
      ...one("slow", { p95Ms: 99 }),
      ...one("mail", {}),
      { service: "new", window: { spans: 300, failed: 300 }, baseline: { spans: 0, failed: 0 } },
      { service: "new and well", window: { spans: 300, failed: 3 }, baseline: { spans: 0, failed: 0 } },
    ];
    const chosen = chooseServices(services, ["shop"]).map(({ service }) => service);
    expect(chosen).toStrictEqual(["shop", "pay", "slow", "new"]);
  });

  const limits = new Map([["shop", 50]]);
  const window = [
    row({ status: "error", own: { version: "2" } }),
    row({ durationMs: 100, own: { version: "1" } }),
    row({ own: { version: "1" } }),
    row({ kind: "client", status: "error", own: { version: "3" } }),
    row({ service: "other", status: "error" }),
  ];
  const baseline = [row({ own: { version: "1" } }), row({ own: { version: "1" }, status: "error" })];
  const versions = (comparison: "failed" | "slow" | "window") =>
    countSides({ window, baseline }, comparison, limits).find(({ field }) => field === "span.version");

  it("has on its sides what failed and all others", () => {
    expect(versions("failed")).toStrictEqual({
      field: "span.version",
      selectionTotal: 1,
      backgroundTotal: 4,
      distinct: 2,
      values: [
        { value: "2", selection: 1, background: 0 },
        { value: "1", selection: 0, background: 4 },
      ],
    });
  });

  it("has on its sides what was slow and the others of the window", () => {
    expect(versions("slow")).toMatchObject({ selectionTotal: 1, backgroundTotal: 2 });
  });

  it("has on its sides window and baseline", () => {
    expect(versions("window")).toMatchObject({ selectionTotal: 3, backgroundTotal: 2 });
  });
});
