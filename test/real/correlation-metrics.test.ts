import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { MetricReading } from "../../src/core/telemetry.ts";
import { metricChanges } from "../../src/correlation/prometheus/changes.ts";
import { openMetricSource } from "../../src/correlation/prometheus/source.ts";
import { resolveScope } from "../../src/correlation/scope/scope.ts";
import { packs } from "../../src/collectors/index.ts";
import { seconds } from "../../src/core/duration.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { createHttpClient } from "../../src/lib/http/client.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { BASELINE, FAULT, MINUTE, SHOP, shopHistory, STEP, WINDOW } from "../helpers/metric-history.ts";
import { promtool } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { startWebServer, type WebServer } from "../helpers/web-server.ts";

const question = (subjects: readonly Readonly<Record<string, string>>[], series = 1_000) => ({
  subjects,
  window: WINDOW,
  baseline: BASELINE,
  series,
});
const mean = (of: readonly (readonly [number, number])[]): number =>
  of.reduce((sum, [, value]) => sum + value, 0) / of.length;

describeReal("metrics of a real Prometheus", ["prometheus", "promtool"], ({ prometheus: program }) => {
  const signal = AbortSignal.timeout(110_000);
  let server: WebServer;
  let source: ReturnType<typeof openMetricSource>;
  let reading: MetricReading;

  beforeAll(async () => {
    const folder = await createTemporaryFolder("correlation-metrics");
    const [text, data, config] = ["past.om", "data", "prometheus.yml"].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(text, shopHistory());
    await writeFile(config, "global: {}\n");
    const args = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=18h", text, data];
    const { code, stdout, stderr } = await promtool(args);
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    server = await startWebServer({
      command: program,
      args: [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100y"],
      folder,
    });
    source = openMetricSource({ client: createHttpClient(), url: server.url });
    reading = await source.read(question([SHOP_SUBJECT]), signal);
  });
  afterAll(async () => {
    await source.close();
    await server.stop();
  });

  const SHOP_SUBJECT = { service: "shop" };
  const series = (metric: string) => {
    const found = reading.series.find((one) => one.metric === metric);
    if (found === undefined) throw new Error(`no ${metric} in ${reading.series.map((one) => one.metric).join(", ")}`);
    return found;
  };

  it("reads each metric as its kind is read, and leaves out what tells nothing", () => {
    expect(reading.series.map(({ metric }) => metric)).toEqual([
      "http_request_duration_seconds",
      "http_request_duration_seconds_count",
      "queue_length",
      "requests_total",
      "slow_gauge",
      "uptime_seconds",
    ]);
    expect(reading.of).toBe(6);
    expect(reading.notes).toEqual([]);
  });

  it("gives window and baseline of a gauge, and the same time of yesterday moved to today", () => {
    const { window, before, yesterday, lastWeek, stepMs } = series("queue_length");
    expect(stepMs).toBe(STEP);
    expect(window).toHaveLength((WINDOW.to - WINDOW.from) / STEP);
    expect(before).toHaveLength((BASELINE.to - BASELINE.from) / STEP);
    expect(window[0]?.[0]).toBe(WINDOW.from);
    expect(mean(window.filter(([at]) => at >= FAULT))).toBe(500);
    expect(mean(before)).toBeLessThan(13);
    expect(yesterday.map(([at]) => at)).toEqual(window.map(([at]) => at));
    expect(mean(yesterday)).toBeLessThan(13);
    expect(lastWeek).toEqual([]);
  });

  it("gives the rate of a counter, also over its reset", () => {
    const { before, window } = series("requests_total");
    // the first of them see where the series begins
    const rates = before.slice(4).map(([, value]) => value);
    expect(Math.min(...rates)).toBeGreaterThan(5);
    expect(Math.max(...rates)).toBeLessThan(11);
    expect(window.at(-1)?.[1]).toBeCloseTo(20);
  });

  it("gives how long the slowest twentieth of a histogram takes, and how many there are", () => {
    const { before, window, labels } = series("http_request_duration_seconds");
    expect(mean(before)).toBeLessThan(0.11);
    expect(window.at(-1)?.[1]).toBeGreaterThan(0.9);
    expect(labels).toEqual(SHOP);
    expect(mean(series("http_request_duration_seconds_count").before)).toBeCloseTo(10, 0);
  });

  it("gives the pace of what only rises", () => {
    const { before, expr } = series("uptime_seconds");
    expect(expr).toMatch(/^deriv\(/);
    expect(mean(before)).toBeCloseTo(1);
  });

  it("takes larger steps where it is measured more seldom", () => {
    expect(series("slow_gauge").stepMs).toBe(60_000);
  });

  it("tells expressions and queries that Prometheus takes and that give the same", async () => {
    for (const { expr, window } of reading.series) {
      const search = new URLSearchParams({ query: expr, time: String((window.at(-1)?.[0] ?? 0) / 1_000) });
      const answer = (await server.get(`/api/v1/query?${search.toString()}`)) as {
        data: { result: { value: [number, string] }[] };
      };
      const given = answer.data.result.map(({ value }) => Number(value[1]));
      expect({ expr, given }).toEqual({ expr, given: [window.at(-1)?.[1]] });
    }
    for (const { path } of reading.queries) await expect(server.get(path)).resolves.toBeDefined();
  });

  it("gives the same answer to the same question", async () => {
    expect(await source.read(question([SHOP_SUBJECT]), signal)).toEqual(reading);
  });

  it("reads no more series than are asked for, and says how many there are", async () => {
    const { series: few, of, notes } = await source.read(question([SHOP_SUBJECT], 4), signal);
    expect(few.length).toBeLessThanOrEqual(4);
    expect(of).toBeGreaterThan(few.length);
    expect(notes.join(" ")).toMatch(/series were not read/);
  });

  it("reads nothing for subjects that name nothing, and nothing of what is not there", async () => {
    for (const subjects of [[], [{}], [{ service: "" }], [{ service: 'no"ne' }]])
      expect(await source.read(question(subjects), signal)).toMatchObject({ series: [], of: 0, exemplars: [] });
  });

  it("tells what changed, at the first sample that shows it", async () => {
    const { changes, notes } = await metricChanges(source).read(WINDOW, signal);
    expect(notes).toEqual([]);
    expect(changes.map(({ kind, at, title }) => ({ kind, at, title }))).toEqual(
      expect.arrayContaining([
        { kind: "deploy", at: FAULT, title: "shop: version 2.3.1 -> 2.4.0" },
        { kind: "restart", at: FAULT, title: "shop (shop-1:80) was started at 2026-03-05 11:53:55 UTC" },
        { kind: "migration", at: FAULT, title: "guest db: pve1 -> pve2" },
      ]),
    );
    expect(changes).toHaveLength(3);
    const quiet = { from: BASELINE.from + MINUTE, to: FAULT };
    expect((await metricChanges(source).read(quiet, signal)).changes).toEqual([]);
  });

  it("finds what a guest stands on", async () => {
    const scope = await resolveScope(
      { alertname: "ProxmoxGuestStopped", target: "homelab", id: "qemu/101", name: "db" },
      {
        labelMap: {},
        relations: packs.flatMap(({ relations = [] }) => relations),
        metrics: source,
        window: WINDOW,
        deadline: seconds(30),
        signal,
      },
    );
    expect(scope.notes).toEqual([]);
    expect(scope.entities.map(({ kind, name, distance }) => [kind, name, distance])).toEqual([
      ["guest", "db", 0],
      ["node", "pve1", 1],
      ["node", "pve2", 1],
      ["storage", "tank", 2],
    ]);
    expect(scope.filter.hosts).toEqual(["db", "pve1", "pve2"]);
  });

  it("finds the pods and machines of a service, and the metrics of the machines alone", async () => {
    const scope = await resolveScope(
      { service: "shop" },
      {
        labelMap: { service: ["service"], pod: ["pod"], node: ["node"] },
        relations: [],
        metrics: source,
        window: WINDOW,
        deadline: seconds(30),
        signal,
      },
    );
    expect(scope.notes).toEqual([]);
    expect(scope.entities.map(({ kind, name, labels }) => [kind, name, labels])).toEqual([
      ["service", "shop", { service: "shop" }],
      ["pod", "shop-1", { pod: "shop-1" }],
      ["node", "worker", { node: "worker", pod: "" }],
    ]);
    const machine = await source.read(question(scope.entities.slice(2).map(({ labels }) => labels)), signal);
    expect(machine.series.map(({ expr }) => expr)).toEqual(['load{node="worker"}']);
  });

  describe("with exemplars and native histograms", () => {
    let exporter: LabServer;
    let keeping: WebServer;

    beforeAll(async () => {
      exporter = await startLabServer({
        handler: () => ({
          status: 200,
          headers: { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" },
          body: [
            "# TYPE latency_seconds histogram",
            'latency_seconds_bucket{le="1"} 1 # {trace_id="4BF92F3577B34DA6A3CE929D0E0E4736"} 0.5',
            'latency_seconds_bucket{le="+Inf"} 2 # {traceID="f067aa0ba902b7"} 7.5',
            "latency_seconds_count 2",
            "latency_seconds_sum 8",
            "# TYPE served counter",
            'served_total 3 # {span_id="00f067aa0ba902b7"} 1',
            "# EOF",
            "",
          ].join("\n"),
        }),
      });
      const folder = await createTemporaryFolder("correlation-exemplars");
      const config = join(folder.path, "prometheus.yml");
      const targets = [{ targets: [new URL(exporter.url).host], labels: { service: "shop" } }];
      await writeFile(
        config,
        stringify({
          global: { scrape_interval: "1s", scrape_timeout: "1s" },
          scrape_configs: [
            { job_name: "shop", static_configs: targets },
            {
              job_name: "native",
              convert_classic_histograms_to_nhcb: true,
              static_configs: [{ ...targets[0], labels: { service: "native" } }],
            },
          ],
        }),
      );
      keeping = await startWebServer({
        command: program,
        args: [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder.path, "data")}`,
          "--enable-feature=exemplar-storage,native-histograms",
        ],
        folder,
      });
    });
    afterAll(async () => {
      await keeping.stop();
      await exporter.close();
    });

    it("gives the traces of the greatest values, their ids in full", async () => {
      const live = openMetricSource({ client: createHttpClient(), url: keeping.url });
      const read = async () => {
        const now = Date.now();
        const window = { from: now - 5 * MINUTE, to: now };
        const baseline = { from: window.from - 10 * MINUTE, to: window.from };
        return live.read({ subjects: [SHOP_SUBJECT], window, baseline, series: 100 }, signal);
      };
      const { exemplars } = await waitUntil("there are exemplars", async () => {
        const found = await read();
        return found.exemplars.length === 2 && found;
      });
      await live.close();
      expect(exemplars.map(({ traceId, value, metric }) => ({ traceId, value, metric }))).toEqual([
        { traceId: "000000000000000000f067aa0ba902b7", value: 7.5, metric: "latency_seconds" },
        { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", value: 0.5, metric: "latency_seconds" },
      ]);
      expect(exemplars[0]?.labels).toMatchObject({ service: "shop", job: "shop" });
    });

    it("reads native histograms as such", async () => {
      const live = openMetricSource({ client: createHttpClient(), url: keeping.url });
      const { series } = await waitUntil("there are two samples in a step", async () => {
        const now = Date.now();
        const window = { from: now - 5 * MINUTE, to: now };
        const baseline = { from: window.from - 10 * MINUTE, to: window.from };
        const subjects = [{ service: "native" }];
        const found = await live.read({ subjects, window, baseline, series: 100 }, signal);
        return found.series.some(({ metric }) => metric === "latency_seconds") && found;
      });
      await live.close();
      const native = series.filter(({ metric }) => metric === "latency_seconds");
      expect(native.map(({ expr }) => expr.replace(/\{.*/, ""))).toEqual(
        expect.arrayContaining(["histogram_count(rate(latency_seconds"]),
      );
    });
  });
});
