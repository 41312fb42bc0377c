import Fastify, { type FastifyInstance } from "fastify";
import { Histogram, Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { minutes } from "../../src/core/duration.ts";
import { counter, gauge, info, Recorder } from "../../src/core/metric.ts";
import { createExposition, type Exposition } from "../../src/exporters/prometheus/exposition.ts";
import { registerMetricsRoute } from "../../src/server/routes/metrics.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startPrometheus, promtool, type PrometheusServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const ODD_TEXTS = ["", "plain", 'quote " backslash \\ line\nfeed', "\\n", "ümläut 😀 \u2028", "tab\tand\rreturn"];
const odd = gauge("odd_size_bytes", { help: 'A "help" \\ of\ntwo lines.', unit: "bytes", labels: ["text", "nr"] });
const writes = counter("odd_write_seconds_total", { help: "Time of writing.", unit: "seconds", labels: ["disk"] });
const version = info("odd_version_info", { help: "Version.", labels: ["version"] });
const values = gauge("odd_value", { help: "Values.", labels: ["nr"] });
const NUMBERS = [0, -1.5, 1e21, 5e-324, Infinity, -Infinity];

async function publishAll(exposition: Exposition): Promise<void> {
  for (const target of ["one", "two"]) {
    const recorder = new Recorder();
    ODD_TEXTS.forEach((text, nr) => recorder.record(odd, { text, nr: String(nr) }, nr));
    NUMBERS.forEach((value, nr) => recorder.record(values, { nr: String(nr) }, value));
    for (let i = 0; i < 500; i++) recorder.record(writes, { disk: `disk-${i}` }, i);
    recorder.record(version, { version: "1.0" }, 1);
    await exposition.publish({ collector: "odd", target, part: "all" }, recorder.snapshot(0), minutes(10));
  }
}

function makeSelfMetrics(): Registry {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const duration = new Histogram<string>({
    name: "odd_duration_seconds",
    help: "Duration.",
    buckets: [0.5, 1, 1e6],
    registers: [registry],
    enableExemplars: true,
  });
  duration.observe({ labels: {}, value: 0.7, exemplarLabels: { trace_id: "abc" } });
  return registry;
}

describeReal("the exposition", ["prometheus", "promtool"], () => {
  let app: FastifyInstance;
  let exposition: Exposition;
  let prometheus: PrometheusServer;
  const accepted: string[] = [];

  beforeAll(async () => {
    exposition = createExposition({ selfMetrics: makeSelfMetrics() });
    await publishAll(exposition);
    app = Fastify();
    app.addHook("onRequest", async ({ headers }) => void accepted.push(headers["accept-encoding"] as string));
    registerMetricsRoute(app, exposition);
    const targets = [new URL(await app.listen({ host: "127.0.0.1", port: 0 })).host];
    const job = (name: string, protocol: string) => ({
      job_name: name,
      scrape_protocols: [protocol],
      static_configs: [{ targets }],
    });
    const config = { scrape_configs: [job("text", "PrometheusText0.0.4"), job("openmetrics", "OpenMetricsText1.0.0")] };
    prometheus = await startPrometheus({ config });
    await waitUntil(
      "both formats are scraped",
      async () => (await prometheus.targets()).filter(({ health }) => health === "up").length === 2,
    );
  });
  afterAll(async () => {
    await prometheus.stop();
    await app.close();
  });

  it("has no fault that promtool sees", async () => {
    const page = await exposition.render({ format: "text" });
    const { code, stdout, stderr } = await promtool(["check", "metrics"], {
      stdin: Buffer.concat(page.chunks).toString(),
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("was scraped compressed", () => {
    expect(new Set(accepted)).toEqual(new Set(["gzip"]));
  });

  it.each(["text", "openmetrics"])("reads back to the same series in %s", async (job) => {
    const select = async (query: string) =>
      (await prometheus.query(query)).toSorted((a, b) => Number(a.labels["nr"]) - Number(b.labels["nr"]));
    const texts = await select(`odd_size_bytes{job="${job}",target="one"}`);
    expect(texts.map(({ labels }) => labels["text"] ?? "")).toEqual(ODD_TEXTS);
    const numbers = await select(`odd_value{job="${job}",target="two"}`);
    expect(numbers.map(({ value }) => value)).toEqual(NUMBERS);
    expect(await prometheus.query(`count(odd_write_seconds_total{job="${job}"})`)).toMatchObject([{ value: 1_000 }]);
    expect(await prometheus.query(`odd_version_info{job="${job}",target="one"}`)).toMatchObject([{ value: 1 }]);
    expect(await prometheus.query(`scrape_samples_scraped{job="${job}"}`)).toMatchObject([{ value: 1_032 }]);
    expect(await prometheus.query(`odd_duration_seconds_bucket{job="${job}",le="1.0"}`)).toMatchObject([{ value: 1 }]);
  });
});
