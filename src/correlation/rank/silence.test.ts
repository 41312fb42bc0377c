import { describe, expect, it } from "vitest";
import type { Readings, SignalReport } from "../../core/evidence.ts";
import type { MetricSeries, ServiceSpans } from "../../core/telemetry.ts";
import { field, lines, logsOf, question, readings, series, tracesOf } from "./__fixtures__/readings.ts";
import { rank, reportOf, servedLines, standing, usual } from "./__fixtures__/reports.ts";

const served = (index: number): string => `GET /cart/${index} served`;
const refused = (index: number): string => `payment of order ${index} refused by gateway`;
const error = { level: "error" } as const;
const titles = (given: Readings, signal: "logs" | "traces" | "metrics"): readonly string[] =>
  standing(given, signal).map(({ title }) => title);
const told = ({ verdict, said }: SignalReport): readonly string[] => [verdict, said];

describe("logs that fell silent or grew", () => {
  it("tells of a log without lines where many are usual", () => {
    const given = readings({ logs: logsOf([], usual.baseline) });
    expect(titles(given, "logs")).toEqual(["shop's log fell silent: 0 lines, usually 900 in such a time"]);
    expect(reportOf(given, "logs").said).toContain("1 of 2 patterns and logs stands out");
    expect(rank(given).top).toHaveLength(1);
  });

  it("tells of one service beside others, and of several in one sentence", () => {
    const others = (names: readonly string[]): ReturnType<typeof lines> =>
      names.flatMap((service) => lines("baseline", 800, served, { service }));
    const logs = (names: readonly string[]): Readings =>
      readings({ logs: logsOf(usual.window, [...usual.baseline, ...others(names)]) });
    expect(titles(logs(["bank"]), "logs")).toEqual(["bank's log fell silent: 0 lines, usually 200 in such a time"]);
    expect(titles(logs(["bank", "mail"]), "logs")[0]).toMatch(/ in such a time, and so did mail's log$/);
  });

  it("says nothing of few lines, of a log that halved, of what comes in bursts, and of what could not be searched", () => {
    const few = logsOf([], lines("baseline", 40, served));
    const halved = logsOf(servedLines(0.5), usual.baseline);
    const hourly = lines("baseline", 3_600, served).map((line) => ({ ...line, at: question.baseline.from + 1 }));
    const silent = logsOf([], usual.baseline);
    const unsearched = { ...silent, window: { ...silent.window, isExact: false } };
    for (const logs of [few, halved, logsOf([], hourly), unsearched])
      expect(titles(readings({ logs }), "logs")).toEqual([]);
  });

  it("tells of failures where the log has nothing else, and of all patterns that grew together", () => {
    const alone = logsOf(lines("window", 5_000, refused, error), lines("baseline", 2, refused, error));
    expect(titles(readings({ logs: alone }), "logs")).toEqual([
      "shop's log, 5,000 lines, over 1,000 times the usual: payment of order <*> refused by gateway",
    ]);
    const together = logsOf(
      [...lines("window", 4_000, served), ...lines("window", 4_000, refused, error)],
      [...lines("baseline", 16, served), ...lines("baseline", 16, refused, error)],
    );
    const unsearched = { ...together, baseline: { ...together.baseline, isExact: false } };
    expect(titles(readings({ logs: unsearched }), "logs")).toEqual([]);
    expect(titles(readings({ logs: together }), "logs")).toEqual([
      "shop's log has over 1,000 times the usual lines (8,000 lines, usually 8 in such a time)",
    ]);
  });
});

describe("lines of which not all before were read", () => {
  const sampled = (before: number): Readings => {
    const baseline = [...usual.baseline, ...lines("baseline", before, refused, error)];
    const logs = logsOf([...usual.window, ...lines("window", 300, refused, error)], baseline);
    return readings({ logs: { ...logs, baseline: { ...logs.baseline, total: 2 * baseline.length } } });
  };

  it("are not said to be new, and give no multiple that rests on one or two of them", () => {
    expect(titles(sampled(0), "logs")).toEqual([
      "shop's log, 300 lines, none among the 3,600 of 7,200 lines read before: payment of order <*> refused by gateway",
    ]);
    expect(standing(sampled(0), "logs")[0]?.detail).toMatchObject({ isNew: false });
    expect(titles(sampled(1), "logs")[0]).toMatch(/^shop's log, 300 lines, at least \d+ times the usual: /);
    expect(titles(sampled(50), "logs")[0]).toMatch(/^shop's log, 300 lines, 1[12] times the usual: /);
  });
});

const of = (service: string, window: ServiceSpans["window"], baseline: ServiceSpans["baseline"]): ServiceSpans => ({
  service,
  window,
  baseline,
});
const none = { spans: 0, failed: 0 };
const usually = { spans: 20_000, failed: 3, p95Ms: 40 };

describe("requests that are no more, or are new", () => {
  it("tells of a service without requests", () => {
    const silent = tracesOf({ services: [of("shop", none, usually)] });
    expect(titles(readings({ traces: silent }), "traces")).toEqual([
      "shop fell silent: 0 requests, usually 5,000 in such a time",
    ]);
    const sampled = {
      ...silent,
      services: [...silent.services, of("bank", usually, usually)],
      sample: { taken: 9, of: 99 },
    };
    expect(titles(readings({ traces: sampled }), "traces")).toEqual([]);
  });

  it("tells of a new service that fails, beside one that is not new", () => {
    const failing = of("bank", { spans: 900, failed: 900 }, none);
    const beside = readings({ traces: tracesOf({ services: [of("shop", usually, usually), failing] }) });
    expect(titles(beside, "traces")).toEqual([
      "bank fails 100 % of its requests (900 of 900), and none was seen before",
    ]);
    const alone = readings({ traces: tracesOf({ services: [failing] }) });
    expect(told(reportOf(alone, "traces"))).toEqual([
      "no_baseline",
      "there is nothing to compare with: the time before has no spans, and of 900 in the window 900 failed",
    ]);
  });

  it("says nothing of a p95 that is nearly the usual, and gives no duration to what failed", () => {
    const same = of("cart", { spans: 900, failed: 0, p95Ms: 7.8 }, { spans: 900, failed: 0, p95Ms: 7.6 });
    const failed = { traceId: "ab".repeat(16), rootService: "cart", startsAt: 1, durationMs: 51 };
    const { items } = reportOf(readings({ traces: tracesOf({ services: [same], failed: [failed] }) }), "traces");
    expect(items.map(({ title, numbers }) => [title, numbers])).toEqual([
      [`cart failed after 51 ms: trace ${failed.traceId}`, { statistic: "none", value: 0 }],
    ]);
  });
});

describe("lines without a time before", () => {
  it("can not be compared, which is not that nothing stands out", () => {
    const logs = logsOf(lines("window", 5_000, refused, error), [], {
      fields: [field("pod", [5_000, 0], [["shop-1", 5_000, 0]])],
      comparison: "failed",
    });
    const given = readings({ logs });
    expect(told(reportOf(given, "logs"))).toEqual([
      "no_baseline",
      "there is nothing to compare with: the time before has no lines, the window 5,000 lines of failures; all 5,000 lines were read",
    ]);
    expect(told(reportOf(given, "log_fields"))).toEqual([
      "no_baseline",
      "there is nothing to compare with: the time before has no lines",
    ]);
    expect(reportOf(given, "logs").items[0]).toMatchObject({ isSignificant: false, detail: { isNew: false } });
  });
});

describe("metrics that stopped", () => {
  const stopped = (metric: string, points: number): MetricSeries => {
    const whole = series(
      metric,
      () => 100,
      () => 100,
    );
    return { ...whole, window: whole.window.slice(0, points) };
  };
  const up = series(
    "up",
    () => 1,
    () => 1,
  );

  it("tells of a metric without a value in the window, or since its beginning", () => {
    expect(titles(readings({ series: [stopped("requests_total", 0), up] }), "metrics")).toEqual([
      "requests_total of shop stopped: no value in the window",
    ]);
    expect(titles(readings({ series: [stopped("requests_total", 8), stopped("workers", 8), up] }), "metrics")).toEqual([
      expect.stringMatching(/^requests_total of shop and 1 other series stopped: no value since \d\d:\d\d UTC$/),
    ]);
  });

  it("says nothing of one of several series, and of one that was not steady", () => {
    const pod = { ...stopped("requests_total", 0), labels: { pod: "shop-0" } };
    const other = series(
      "requests_total",
      () => 100,
      () => 100,
      { labels: { pod: "shop-1" } },
    );
    const whole = stopped("job_seconds", 0);
    const seldom = { ...whole, before: whole.before.filter((_, at) => at % 3 === 2) };
    expect(titles(readings({ series: [pod, other, seldom] }), "metrics")).toEqual([]);
  });
});

describe("counters that begin with the first failure", () => {
  const counted = (code: string, now: number, usually: number): MetricSeries =>
    series(
      "requests_total",
      () => now,
      () => usually,
      {
        labels: { pod: "shop-1", code },
        expr: `rate(requests_total{code="${code}"}[1m])`,
      },
    );
  const begun = (code: string): MetricSeries => ({ ...counted(code, 0.4, 0), before: [], yesterday: [], lastWeek: [] });

  it("had none before where the thing was measured", () => {
    expect(titles(readings({ series: [counted("200", 20, 20), begun("500")] }), "metrics")).toEqual([
      "rate of requests_total of shop-1 (code 500): 0.4/s, usually 0/s",
    ]);
  });

  it("had none until then in the window too", () => {
    const late = { ...begun("500"), window: begun("500").window.slice(-12) };
    expect(titles(readings({ series: [counted("200", 20, 20), late] }), "metrics")).toEqual([
      "rate of requests_total of shop-1 (code 500): 0.4/s, usually 0/s, in a part of the window",
    ]);
  });

  it("are not known where it was not, and are no news where they tell of no failure", () => {
    expect(reportOf(readings({ series: [begun("500")] }), "metrics").verdict).toBe("no_baseline");
    expect(titles(readings({ series: [counted("200", 20, 20), begun("201")] }), "metrics")).toEqual([]);
  });
});

describe("metrics of a long window", () => {
  it("tells of a fault that fills a part of it, and not of two errors", () => {
    const errors = (until: number) =>
      series(
        "errors",
        (index) => (index >= 20 && index < until ? 0.3 : 0),
        () => 0,
      );
    expect(titles(readings({ series: [errors(34)] }), "metrics")).toEqual([
      "errors of shop: 0.3, usually 0, in a part of the window",
    ]);
    expect(titles(readings({ series: [errors(28)] }), "metrics")).toEqual([]);
  });
});
