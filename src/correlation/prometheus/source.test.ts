import { beforeEach, describe, expect, it } from "vitest";
import { fakePrometheus, type FakePrometheus, type FakeSeries } from "./__fixtures__/fake-prometheus.ts";
import { ask, baseline, MINUTE, openFake, shop, TO } from "./__fixtures__/shop-question.ts";
import { openMetricSource } from "./source.ts";

const signal = AbortSignal.timeout(60_000);
let fake: FakePrometheus;
const open = () => openFake(fake);
const metricsOf = async () => (await open().read(ask(), signal)).series.map(({ metric }) => metric);

beforeEach(() => (fake = fakePrometheus()));

describe("what is read", () => {
  it("goes by the type of a metric where it is told, else by names", async () => {
    fake.types = {
      told_gauge_total: "gauge",
      counted: "counter",
      facts: "info",
      native: "histogram",
      open_metrics: "counter",
    };
    fake.series = [
      ...[
        "told_gauge_total",
        "counted",
        "facts",
        "native",
        "open_metrics_total",
        "untold_total",
        "job:rate5m_total",
      ].map((name) => shop(name)),
      ...["0.1", "+Inf"].map((le) => shop("latency_bucket", { le })),
      shop("latency_count"),
      shop("latency_sum"),
      shop("wait", { quantile: "0.9" }),
      shop("wait_count"),
      shop("wait_sum"),
      shop("made_created"),
      shop("node_info"),
      shop("ALERTS", { alertname: "x" }),
      shop("scrape_duration_seconds"),
    ];
    const { series } = await open().read(ask(), signal);
    expect(series.map(({ expr }) => expr)).toEqual([
      'rate(counted{service="shop"}[60s])',
      'job:rate5m_total{service="shop"}',
      'histogram_quantile(0.95, rate(latency_bucket{service="shop"}[60s]))',
      'rate(latency_count{service="shop"}[60s])',
      'histogram_count(rate(native{service="shop"}[60s]))',
      'histogram_quantile(0.95, rate(native{service="shop"}[60s]))',
      'rate(open_metrics_total{service="shop"}[60s])',
      'told_gauge_total{service="shop"}',
      'rate(untold_total{service="shop"}[60s])',
      'wait{service="shop",quantile="0.9"}',
      'rate(wait_count{service="shop"}[60s])',
      'rate(wait_sum{service="shop"}[60s])',
    ]);
  });

  it("finds native histograms by what they answer where no type is told", async () => {
    fake.series = [{ ...shop("latency"), isNative: true }, shop("cpu")];
    const { series, of, notes } = await open().read(ask(), signal);
    expect(series.map(({ expr }) => expr)).toEqual([
      'cpu{service="shop"}',
      'histogram_count(rate(latency{service="shop"}[60s]))',
      'histogram_quantile(0.95, rate(latency{service="shop"}[60s]))',
    ]);
    expect([of, notes]).toEqual([3, []]);
  });

  it("judges the pace of what only rises or falls, in window, baseline and past", async () => {
    const rises = (at: number): number => at * 3;
    fake.series = [
      { labels: { __name__: "age", service: "shop" }, value: rises },
      { labels: { __name__: "mixed", service: "shop", id: "a" }, value: rises },
      { labels: { __name__: "mixed", service: "shop", id: "b" }, value: (at) => at % 7 },
    ];
    const { series } = await open().read(ask(), signal);
    expect(series.map(({ expr, yesterday }) => [expr.replace(/\(.*/, ""), yesterday.length])).toEqual([
      ["deriv", 40],
      ['mixed{service="shop",id="a"}', 40],
      ['mixed{service="shop",id="b"}', 40],
    ]);
  });

  it("leaves out what holds moments, what is always 1, and what has no number", async () => {
    fake.series = [
      shop("last_run_timestamp_seconds", {}, (at) => TO / 1_000 - 86_400 - (at % 2)),
      shop("saved_time_ms", {}, () => TO - 5_000),
      shop("connected", {}, () => 1),
      shop("ratio", {}, () => Number.NaN),
      shop("seconds_in_billions", {}, (at) => 3e10 + (at % 7)),
      shop("falls_to_zero", {}, (at) => (at * 1_000 < TO - 2 * MINUTE ? 1 : 0)),
    ];
    expect(await metricsOf()).toEqual(["falls_to_zero", "seconds_in_billions"]);
  });

  it("asks for many gauges in one query, and for each counter once", async () => {
    fake.series = Array.from({ length: 60 }, (_, i) => shop(`gauge_${i}`)).concat(shop("a_total"), shop("b_total"));
    expect(await metricsOf()).toHaveLength(62);
    expect(fake.asked.filter(({ path }) => path === "query_range")).toHaveLength(2 + 2);
  });

  it("puts subjects together that differ in one label, and counts no series twice", async () => {
    fake.series = [
      ...["a", "b"].map((id): FakeSeries => ({ labels: { __name__: "cpu", target: "t", id }, value: (at) => at % 7 })),
      shop("cpu", { target: "t", id: "a" }),
    ];
    const subjects = [{ target: "t", id: "a" }, { target: "t", id: "b" }, { service: "shop" }];
    const { series, of } = await open().read(ask({ subjects, series: 3 }), signal);
    expect(
      fake.asked
        .filter(({ path }) => path === "series")
        .slice(0, 2)
        .map(({ query }) => query),
    ).toEqual(['{target="t",id=~"a|b"}', '{service="shop"}']);
    expect([series.length, of]).toEqual([3, 3]);
  });

  it("reads what two subjects lead to with the first of them, and loses none of the second for it", async () => {
    fake.series = ["load", "asked_total", "latency_bucket"].flatMap((name) => {
      const le = name === "latency_bucket" ? { le: "1" } : {};
      return [shop(name, { namespace: "prod", ...le }), shop(name, { service: "cart", ...le })];
    });
    const subjects = [{ service: "shop", namespace: "prod" }, { service: "cart" }, { service: "shop" }];
    const { series } = await open().read(ask({ subjects }), signal);
    expect(series.map(({ metric, labels }) => `${metric} ${labels["service"]}`)).toEqual(
      ["asked_total", "latency", "load"].flatMap((name) => [`${name} cart`, `${name} shop`]),
    );
    for (const { window: of, before } of series) expect([of.length, before.length]).toEqual([40, 240]);
  });

  it("asks for nothing when no subject names anything", async () => {
    fake.series = [shop("cpu")];
    const { series, of } = await open().read(ask({ subjects: [{}, { service: "" }] }), signal);
    expect([series.length, of]).toEqual([0, 0]);
    expect(fake.asked.map(({ path }) => path)).not.toContain("series");
  });

  it("looks at yesterday and last week only where something is kept of them", async () => {
    fake.series = [shop("cpu")];
    await metricsOf();
    expect(fake.asked.filter(({ path }) => path === "query_range")).toHaveLength(1);
    fake.series = [{ labels: { __name__: "cpu", service: "shop" }, value: (at) => Math.floor(at / 86_400) + (at % 7) }];
    const [cpu] = (await open().read(ask(), signal)).series;
    const day = Math.floor(TO / 86_400_000);
    expect(cpu?.yesterday.map(([at]) => at)).toEqual(cpu?.window.map(([at]) => at));
    expect(Math.floor(cpu?.yesterday[0]?.[1] ?? 0)).toBeLessThan(day + 6);
    expect(cpu?.lastWeek).toHaveLength(40);
  });

  it("takes nothing that is said to come after now", async () => {
    fake.series = [shop("cpu")];
    const now = TO - 2 * MINUTE;
    const { series } = await openMetricSource(fake.target, { now: () => now }).read(ask(), signal);
    expect(Math.max(...(series[0]?.window.map(([at]) => at) ?? []))).toBeLessThanOrEqual(now);
  });

  it("does not ask for the months between a window and a baseline that is far away", async () => {
    fake.series = [{ labels: { __name__: "cpu", service: "shop" }, value: (at) => at % 7 }];
    const far = { from: baseline.from - 30 * 86_400_000, to: baseline.to - 30 * 86_400_000 };
    const [cpu] = (await open().read(ask({ baseline: far }), signal)).series;
    expect(cpu?.stepMs).toBe(15_000);
    expect([cpu?.window.length, cpu?.before.length]).toEqual([40, 240]);
  });
});

describe("bounds", () => {
  it("reads what has few series first, and says what it left out", async () => {
    fake.series = [
      ...Array.from({ length: 9 }, (_, i) => shop("a_path", { path: `/${i}` })),
      ...Array.from({ length: 8 }, (_, i) => shop(`gauge_${i}`)),
    ];
    const { series, of, notes } = await open().read(ask({ series: 10 }), signal);
    expect(series.map(({ metric }) => metric)).toEqual([
      "a_path",
      "a_path",
      ...Array.from({ length: 8 }, (_, i) => `gauge_${i}`),
    ]);
    expect(of).toBe(17);
    expect(notes).toEqual(["7 series were not read, since there are more than are asked for: of a_path"]);
  });

  it("reads what is near before what is far", async () => {
    fake.series = [
      ...Array.from({ length: 5 }, (_, i) => shop(`near_${i}`)),
      ...Array.from({ length: 5 }, (_, i): FakeSeries => ({
        labels: { __name__: `far_${i}`, target: "t", db: "x" },
        value: (at) => at % 7,
      })),
    ];
    const { series } = await open().read(
      ask({ subjects: [{ service: "shop" }, { target: "t", db: "x" }], series: 6 }),
      signal,
    );
    expect(series.filter(({ metric }) => metric.startsWith("near"))).toHaveLength(5);
  });

  it("keeps the same ones of a metric with too many series", async () => {
    fake.series = Array.from({ length: 30 }, (_, i) => shop("per_path", { path: `/${i}` }));
    const first = await open().read(ask({ series: 10 }), signal);
    fake.series = fake.series.toReversed();
    expect((await open().read(ask({ series: 10 }), signal)).series).toEqual(first.series);
    expect(first.of).toBe(30);
  });

  it("does not read a metric of which nearly all would be thrown away", async () => {
    fake.series = [...Array.from({ length: 90 }, (_, i) => shop("per_id", { id: `${i}` })), shop("cpu")];
    const { series, of } = await open().read(ask({ series: 10 }), signal);
    expect(series.map(({ metric }) => metric)).toEqual(["cpu"]);
    expect(of).toBe(91);
  });
});
