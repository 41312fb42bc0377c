import { describe, expect, it } from "vitest";
import type { Readings } from "../../core/evidence.ts";
import type { MetricSeries } from "../../core/telemetry.ts";
import { field, lines, logsOf, noise, readings, series, tracesOf } from "./__fixtures__/readings.ts";
import { failing, type refused, reportOf, standing, usual } from "./__fixtures__/reports.ts";

describe("field values", () => {
  const totals = [300, 4_500] as const;
  const of = (...fields: ReturnType<typeof field>[]): Readings =>
    readings({ logs: { ...failing, comparison: "failed", fields } });

  it("names what failures have in common, once for what is one thing", () => {
    const given = of(
      field("service.version", totals, [
        ["2.4.0", 260, 500],
        ["2.3.1", 40, 4_000],
      ]),
      field("kubernetes.pod.ip", totals, [["10.0.0.7", 120, 200]]),
      field("kubernetes.pod.name", totals, [["shop-2", 120, 200]]),
    );
    expect(standing(given, "log_fields").map(({ title }) => title)).toEqual([
      "service.version 2.4.0: 87 % of the error lines, 11 % of the others",
      "kubernetes.pod.ip 10.0.0.7 (also kubernetes.pod.name shop-2): 40 % of the error lines, 4 % of the others",
    ]);
  });

  it("passes over ids, over what only says again that it failed, and over what a few share by chance", () => {
    const given = of(
      field("request.id", totals, [["a1", 6, 0]], 4_700),
      field("log.level", totals, [["error", 300, 0]]),
      field("user.id", totals, [["customer-3", 30, 4]], 2_500),
      field("zone", totals, [
        ["north", 4, 0],
        ["south", 100, 1_480],
      ]),
    );
    expect(standing(given, "log_fields")).toEqual([]);
  });

  it("finds nothing in what failures have in common when there are no more of them than before", () => {
    const errors = (when: "window" | "baseline", count: number): typeof refused =>
      lines(when, count, (index) => `job ${index} failed`, { level: "error" });
    const same = logsOf([...usual.window, ...errors("window", 30)], [...usual.baseline, ...errors("baseline", 120)], {
      comparison: "failed",
      fields: [field("service.name", [30, 4_620], [["mail", 28, 200]])],
    });
    const report = reportOf(readings({ logs: same }), "log_fields");
    expect(report).toMatchObject({ verdict: "nothing_significant" });
    expect(report.said).toBe(
      "the only value does not stand out; there are not so many more error lines than usual that it would stand out",
    );
  });

  it("takes a pod that is new in the window for context", () => {
    const given = {
      ...logsOf(usual.window, usual.baseline),
      fields: [field("k8s.pod.name", [900, 3_600], [["shop-9", 300, 0]])],
    };
    expect(standing(readings({ logs: given }), "log_fields")).toEqual([]);
  });
});

const NONE = { spans: 0, failed: 0 };

describe("traces", () => {
  it("does not deny that a few more spans failed than usual", () => {
    const services = [
      { service: "shop", window: { spans: 1_000, failed: 40 }, baseline: { spans: 4_000, failed: 110 } },
    ];
    const attributes = [field("span.x", [40, 960], [["a", 20, 400]])];
    const { said } = reportOf(
      readings({ traces: tracesOf({ services, comparison: "failed", attributes }) }),
      "trace_attributes",
    );
    expect(said).toContain("there are not so many more failed spans than usual that it would stand out");
  });

  const shop = {
    service: "shop",
    window: { spans: 400, failed: 4, p95Ms: 90 },
    baseline: { spans: 1_600, failed: 16, p95Ms: 88 },
  };
  const bank = {
    service: "bank",
    window: { spans: 200, failed: 90, p95Ms: 700 },
    baseline: { spans: 800, failed: 2, p95Ms: 70 },
  };
  const trace = {
    traceId: "0".repeat(31) + "7",
    rootService: "shop",
    rootName: "POST /pay",
    startsAt: 1,
    durationMs: 2_130,
    failedServices: ["bank"],
  };

  it("names the services that fail more and take longer, and a trace as an example", () => {
    const found = standing(
      readings({
        traces: tracesOf({ services: [shop, bank], failed: [trace, { ...trace, traceId: "0".repeat(32) }] }),
      }),
      "traces",
    );
    expect(found.map(({ title }) => title)).toEqual([
      "bank is slow: p95 700 ms, 10 times the usual 70 ms",
      "bank fails 45 % of its requests (90 of 200), under 1 % before",
      `shop POST /pay failed after 2.1 s (failed in bank): trace ${trace.traceId}`,
    ]);
  });

  it("finds nothing where shares and durations are as before, and says of few spans nothing", () => {
    const few = {
      service: "mail",
      window: { spans: 3, failed: 0, p95Ms: 900 },
      baseline: { spans: 9, failed: 0, p95Ms: 30 },
    };
    const report = reportOf(readings({ traces: tracesOf({ services: [shop, few], failed: [trace] }) }), "traces");
    expect(report).toMatchObject({ verdict: "nothing_significant", said: "none of 3 services and traces stands out" });
  });

  it("takes a p95 of few spans for less sure", () => {
    const slower = (spans: number): Readings => {
      const [window, baseline] = [140, 100].map((p95Ms) => ({ spans, failed: 0, p95Ms }));
      return readings({
        traces: tracesOf({ services: [{ service: "shop", window: window ?? NONE, baseline: baseline ?? NONE }] }),
      });
    };
    expect(standing(slower(60), "traces")).toEqual([]);
    expect(standing(slower(600), "traces")).toHaveLength(1);
  });

  it("says of which sample it speaks", () => {
    const report = reportOf(
      readings({ traces: tracesOf({ services: [shop], sample: { taken: 100, of: undefined } }) }),
      "traces",
    );
    expect(report.said).toContain("100 of an unknown number of traces were looked at");
    expect(report.sample).toEqual({ taken: 100, of: undefined });
  });
});

describe("metrics", () => {
  const quiet = (index: number): number => 100 + 5 * noise(index);
  const broken = (index: number): number => (index > 20 ? 1_200 : quiet(index));

  it("tells of what left its course, the series of one metric together", () => {
    const pods = ["shop-0", "shop-1", "shop-2"].map((pod) => ({ labels: { service: "shop", pod } }));
    const given = readings({
      series: [
        series("queue_length", broken, quiet, pods[0]),
        series("queue_length", broken, quiet, pods[1]),
        series("queue_length", quiet, quiet, pods[2]),
        series("memory_bytes", quiet, quiet),
      ],
    });
    const found = standing(given, "metrics");
    expect(found.map(({ title }) => title)).toEqual([
      "queue_length of shop-0: 12 times the usual (1,200, usually 101); the same in 2 of its 3 series",
    ]);
    expect(reportOf(given, "metrics").said).toBe("1 of 4 series stands out");
  });

  it("holds for usual what happens at this time every day", () => {
    const nightly = series("queue_length", broken, quiet, {});
    const daily = { ...nightly, yesterday: nightly.window.map(([at, value]) => [at, value + 1] as const) };
    expect(standing(readings({ series: [nightly] }), "metrics")).toHaveLength(1);
    expect(standing(readings({ series: [daily] }), "metrics")).toEqual([]);
  });

  it("does not take for news what wanders further than before as it wandered before", () => {
    const levels = [100, 200, 120, 180];
    const steps = (index: number): number => (levels[Math.floor((index - 10_000) / 60)] ?? 0) + noise(index);
    const wanders = series("queue_length", (index) => 330 + noise(index), steps, { yesterday: [], lastWeek: [] });
    expect(standing(readings({ series: [wanders] }), "metrics")).toEqual([]);
    const leaps = series("queue_length", (index) => 2_000 + noise(index), steps, { yesterday: [], lastWeek: [] });
    expect(standing(readings({ series: [leaps] }), "metrics")).toHaveLength(1);
  });

  it("names the one of many pods that left its siblings", () => {
    const pods = Array.from({ length: 40 }, (_, at) => ({ labels: { service: "shop", pod: `shop-${at}` } }));
    const given = pods.map((pod, at) => series("request_duration", at === 17 ? broken : quiet, quiet, pod));
    const found = standing(readings({ series: given }), "metrics");
    expect(found.map(({ title }) => title)).toEqual([
      expect.stringContaining("request_duration of shop-17: 12 times the usual"),
    ]);
  });

  /** A counter that counts so many events in the window, 60 seconds apart, as rates of a minute show them. */
  const counter = (metric: string, events: number, pod = "shop-0", before = 0): MetricSeries => {
    const rate = (index: number): number => (index >= 40 && index < 40 + 4 * events ? 1 / 60 : 0);
    // the numbers of the points of the hour before begin there
    const usual = (index: number): number => (index >= 10_000 && index < 10_000 + 4 * before ? 1 / 60 : 0);
    const one = series(metric, rate, usual, { labels: { service: "shop", pod } });
    return { ...one, expr: `rate(${one.expr}[60s])` };
  };
  const titles = (...given: readonly MetricSeries[]): readonly string[] =>
    standing(readings({ series: given }), "metrics").map(({ title }) => title);

  it("says nothing of fewer events than five that counters of one metric counted together, unless they are rare", () => {
    expect(titles(counter("errors_total", 4))).toEqual([]);
    expect(titles(counter("errors_total", 5))).toHaveLength(1);
    expect(titles(counter("errors_total", 4), counter("timeouts_total", 4))).toEqual([]);
    expect(titles(counter("restarts_total", 4))).toHaveLength(1);
    expect(titles(counter("evictions_total", 4))).toHaveLength(1);
    expect(titles(counter("cpu_seconds_total", 4))).toHaveLength(1);
    const pods = Array.from({ length: 30 }, (_, at) => counter("errors_total", 4, `shop-${at}`));
    expect(titles(...pods)).toEqual([expect.stringContaining("; the same in all 30 series")]);
  });

  it("tells of one event that is an incident by itself, where none came at any usual time", () => {
    expect(titles(counter("oom_kills_total", 1))).toEqual([
      "oom_kills_total of shop-0: counted 1, none in the time before",
    ]);
    expect(titles(counter("oom_kills_total", 2))).toEqual([
      "oom_kills_total of shop-0: counted 2, none in the time before",
    ]);
    expect(titles(counter("oom_kills_total", 1, "shop-0", 1))).toEqual([]);
    const lastWeek = counter("oom_kills_total", 1).window;
    expect(titles({ ...counter("oom_kills_total", 1), lastWeek })).toEqual([]);
    expect(titles({ ...counter("oom_kills_total", 1), before: [] })).toEqual([]);
    expect(titles(counter("oom_kills_total", 0))).toEqual([]);
  });

  it.each([
    ["pg_stat_database_checksum_failures", true],
    ["node_edac_uncorrectable_errors_total", true],
    ["process_fatal_errors_total", true],
    ["app_segfaults_total", true],
    ["data_loss_total", true],
    ["pg_stat_database_deadlocks", true],
    ["failover_total", true],
    ["kafka_unclean_leader_elections_total", true],
    ["etcd_server_leader_changes_seen_total", true],
    ["velero_backup_failure_total", true],
    ["cronjob_failed_total", true],
    ["velero_backup_success_total", false],
    ["restart_seconds_total", false],
    ["chat_rooms_total", false],
    ["aborted_clients_total", false],
    ["errors_total", false],
  ])("takes one event of %s for news: %s", (metric, isNews) => {
    expect(titles(counter(metric, 1))).toHaveLength(isNews ? 1 : 0);
  });

  it("does not take for news how a thing wanders that is younger than two windows", () => {
    const wanders = (index: number): number => 100 + 12 * Math.sin(index / 9) + 3 * noise(index);
    const young = (lift: number): MetricSeries => {
      const one = series("memory", (index) => 125 + lift + 3 * noise(index), wanders, { yesterday: [], lastWeek: [] });
      return { ...one, before: one.before.slice(-44) };
    };
    expect(standing(readings({ series: [young(0)] }), "metrics")).toEqual([]);
    expect(standing(readings({ series: [young(900)] }), "metrics")).toHaveLength(1);
  });

  it("says that series have too few points, and how many were not read", () => {
    const short = { ...series("queue_length", broken, quiet), before: [] };
    expect(reportOf(readings({ series: [short] }), "metrics")).toMatchObject({
      verdict: "no_baseline",
      said: "there is nothing to compare with: 1 series has too few points before",
    });
    const given = readings({ series: [series("queue_length", quiet, quiet)] });
    if (given.metrics.state !== "read") throw new Error("not read");
    const part = { ...given, metrics: { ...given.metrics, reading: { ...given.metrics.reading, of: 2_000 } } };
    expect(reportOf(part, "metrics").said).toBe("the only series does not stand out; 1 of 2,000 series were read");
  });
});
