import type { Bundle, EvidenceItem, SignalReport } from "../../../core/evidence.ts";
import type { Trace } from "../../../core/telemetry.ts";

/** 2026-11-27T03:00:00Z. */
export const BEGAN = Date.parse("2026-11-27T03:00:00Z");

const MINUTE = 60_000;
const WINDOW = { from: BEGAN - 10 * MINUTE, to: BEGAN + 5 * MINUTE };
const BASELINE = { from: WINDOW.from - 60 * MINUTE, to: WINDOW.from };

export const pattern: EvidenceItem = {
  id: "logs-1a",
  signal: "logs",
  title: "new in shop's log, 412 times: payment gateway refused <*>",
  score: 0.94,
  isSignificant: true,
  numbers: {
    statistic: "g2",
    value: 1_812.4,
    pValue: 0,
    selection: { count: 412, of: 10_213 },
    background: { count: 0, of: 48_204 },
  },
  detail: {
    kind: "log_pattern",
    template: "payment gateway refused <*>",
    sample: "payment gateway refused order 4711: connection reset",
    level: "error",
    firstSeenAt: BEGAN - 3 * MINUTE,
    isNew: true,
    services: ["shop"],
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  },
};

export const version: EvidenceItem = {
  id: "trace_attributes-2b",
  signal: "trace_attributes",
  title: "service.version 2.4.0: 87 % of what failed, 12 % of the rest",
  score: 0.91,
  isSignificant: true,
  numbers: {
    statistic: "g2",
    value: 640,
    pValue: 1e-9,
    selection: { count: 348, of: 400 },
    background: { count: 1_200, of: 10_000 },
  },
  detail: { kind: "field_value", field: "resource.service.version", value: "2.4.0", comparison: "failed" },
};

const points = (from: number, count: number, value: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => [from + i * 15_000, value(i)] as const);

export const metric: EvidenceItem = {
  id: "metrics-3c",
  signal: "metrics",
  title: "http_requests_total of shop with status 502: 12 times the usual",
  score: 0.8,
  isSignificant: true,
  numbers: { statistic: "exceedance_ks", value: 0.71 },
  detail: {
    kind: "metric",
    metric: "http_requests_total",
    expr: 'rate(http_requests_total{service="shop",status="502"}[1m])',
    labels: { service: "shop", status: "502" },
    window: points(WINDOW.from, 60, (i) => (i > 28 ? 12 + (i % 3) : 1)),
    before: points(BASELINE.from, 240, (i) => 1 + (i % 5) / 10),
    yesterday: points(WINDOW.from, 60, (i) => 1.1 + (i % 4) / 10),
    lastWeek: [],
  },
};

export const deploy: EvidenceItem = {
  id: "changes-4d",
  signal: "changes",
  title: "shop 2.4.0 was deployed 4 min before",
  score: 0.88,
  isSignificant: true,
  numbers: { statistic: "proximity", value: 0.88 },
  detail: {
    kind: "change",
    change: {
      kind: "deploy",
      at: BEGAN - 4 * MINUTE,
      title: "shop 2.4.0",
      labels: { service: "shop" },
      source: "api",
      link: "https://ci.example.org/4711",
    },
  },
  link: "https://ci.example.org/4711",
};

const trace: Trace = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  notes: [],
  spans: [
    spanOf("00f067aa0ba902b7", undefined, "frontend", "GET /checkout", 0, 812, "error"),
    spanOf("00f067aa0ba902b8", "00f067aa0ba902b7", "shop", "POST /orders", 12, 790, "error", "502 from payment"),
    spanOf("00f067aa0ba902b9", "00f067aa0ba902b8", "payment", "POST /charge", 40, 730, "error", "connection reset"),
    spanOf("00f067aa0ba902ba", "00f067aa0ba902b8", "cart", "GET /cart", 15, 9, "unset"),
  ],
};

function spanOf(
  spanId: string,
  parentId: string | undefined,
  service: string,
  name: string,
  offset: number,
  durationMs: number,
  status: "error" | "unset",
  statusMessage?: string,
): Trace["spans"][number] {
  return {
    spanId,
    ...(parentId !== undefined && { parentId }),
    service,
    name,
    kind: "server",
    startsAt: BEGAN + offset,
    durationMs,
    status,
    ...(statusMessage !== undefined && { statusMessage }),
    attributes: { "service.version": "2.4.0" },
    events: [],
  };
}

const report = (signal: SignalReport["signal"], items: readonly EvidenceItem[], said: string): SignalReport => ({
  signal,
  verdict: items.some(({ isSignificant }) => isSignificant) ? "significant" : "nothing_significant",
  said,
  items,
  notes: [],
});

/** A bundle about an alert of a shop, with one item of most signals; metrics are down unless given. */
export const bundleOf = (over: Partial<Bundle> = {}): Bundle => ({
  id: "0123456789abcdef",
  createdAt: BEGAN + 6 * MINUTE,
  tookMs: 1_240,
  question: {
    alert: {
      groupId: "g1",
      fingerprint: "a1b2c3d4e5f60718",
      name: "CheckoutDown",
      labels: { alertname: "CheckoutDown", service: "shop", severity: "critical" },
      startsAt: BEGAN,
    },
    scope: {
      entities: [
        {
          kind: "service",
          name: "shop",
          distance: 0,
          because: "label service of the alert",
          labels: { service: "shop" },
        },
        { kind: "service", name: "payment", distance: 1, because: "shop calls it", labels: { service: "payment" } },
      ],
      filter: { services: ["shop", "payment"], namespaces: [], pods: [], hosts: [] },
      notes: [],
    },
    window: WINDOW,
    baseline: BASELINE,
    limits: { lines: 10_000, series: 1_000, traces: 20 },
    seed: 1,
  },
  reports: [
    report("changes", [deploy], "1 of 3 changes stands out"),
    report("logs", [pattern], "1 of 214 patterns stands out; 10,000 of 58,417 lines were read"),
    report("log_fields", [], "none of 31 values stands out"),
    report("traces", [], "none of 4 services fails more than before"),
    report("trace_attributes", [version], "1 of 60 values stands out"),
    report("metrics", [metric], "1 of 412 series stands out"),
  ],
  top: [pattern.id, version.id, deploy.id, metric.id],
  queries: [
    {
      source: "elasticsearch",
      purpose: "lines of the window",
      method: "POST",
      path: "/logs-*/_search",
      body: '{"size":10000}',
    },
  ],
  trace,
  histogram: Array.from({ length: 75 }, (_, i) => ({
    at: BASELINE.from + i * MINUTE,
    lines: 780 + ((i * 37) % 60),
    failed: i > 66 ? 60 + ((i * 13) % 40) : (i * 7) % 4,
  })),
  ...over,
});
