import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { minutes } from "../../src/core/duration.ts";
import type { Bundle } from "../../src/core/evidence.ts";
import { elasticsearchSink } from "../../src/lab/shop/fill-elasticsearch.ts";
import { prometheusSink } from "../../src/lab/shop/fill-prometheus.ts";
import { tracesSink } from "../../src/lab/shop/fill-traces.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { startTempoLab, type TempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { startAlertmanagerChain, type AlertmanagerChain } from "../helpers/alertmanager-chain.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { ELASTICSEARCH_PROGRAMS, startElasticsearch, type ElasticsearchServer } from "../helpers/elasticsearch.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { startWebServer, type WebServer } from "../helpers/web-server.ts";

const PATIENCE = { deadlineMs: 90_000 };
const PLANTED = "hvs.CAESIJplantedplantedplantedplanted";

describeReal(
  "an alert of a real Alertmanager, with its telemetry in a real Elasticsearch and Prometheus",
  ["alertmanager", "prometheus", ...ELASTICSEARCH_PROGRAMS],
  (programs) => {
    const now = Date.now();
    const shop = simulateShop({
      seed: 7,
      fault: "bad_version",
      rate: 2,
      from: now - minutes(85),
      faultAt: now - minutes(12),
      to: now - 1_000,
    });
    let elasticsearch: ElasticsearchServer;
    let prometheus: WebServer;
    let tempo: TempoLab;
    let chain: AlertmanagerChain;

    beforeAll(async () => {
      [elasticsearch, prometheus, tempo] = await Promise.all([
        startElasticsearch(),
        startHistory(programs.prometheus),
        startTempoLab(),
      ]);
      // a service that logs a token, as they do
      const lines = shop.lines.map((line) =>
        line.level === "error" ? { ...line, message: `${line.message} token=${PLANTED}` } : line,
      );
      await (
        await elasticsearchSink({ url: elasticsearch.url })
      )({ ...shop, lines });
      await prometheusSink({ url: prometheus.url })(shop);
      await tracesSink({ url: tempo.otlpUrl })(shop);
      chain = await startAlertmanagerChain({
        prometheus: { url: prometheus.url },
        evidence: {
          elasticsearch: { nodes: [elasticsearch.url], indices: ["logs-shop"] },
          traces: { kind: "tempo", url: tempo.url },
        },
      });
      await tellChange(chain.service.url);
      const alertmanager = await chain.start();
      await alertmanager.send([
        {
          labels: shop.alert.labels,
          annotations: { summary: `${shop.alert.name} of ${String(shop.alert.labels["service"])}` },
          startsAt: shop.alert.startsAt,
        },
      ]);
    });
    afterAll(async () => {
      await chain?.close();
      await Promise.all([elasticsearch?.stop(), prometheus?.stop(), tempo?.close()]);
    });

    const post = async () =>
      waitUntil("the message is there", () => chain.channels.posts(shop.alert.name)[0], PATIENCE);
    const get = async (path: string): Promise<string> => (await request(`${chain.service.url}${path}`)).body.text();
    const newest = async (): Promise<Bundle> => {
      const { bundles } = JSON.parse(await get("/api/v1/evidence")) as { bundles: readonly { id: string }[] };
      return JSON.parse(await get(`/api/v1/evidence/${bundles[0]?.id}`)) as Bundle;
    };
    const run = (...args: readonly string[]): Promise<CliResult> =>
      runCli([...args, "--config", chain.service.configFile], { cwd: chain.service.folder });

    it("is told at once, and its message is edited with the cause among the first three", async () => {
      await post();
      const told = await waitUntil(
        "the message tells evidence",
        async () => {
          const bundle = await newest().catch(() => undefined);
          const [best] = bundle?.top ?? [];
          const title = bundle?.reports.flatMap(({ items }) => items).find(({ id }) => id === best)?.title;
          return title !== undefined && chain.channels.posts(shop.alert.name)[0]?.text.includes(title.slice(0, 40));
        },
        PATIENCE,
      );
      expect(told).toBe(true);
      const bundle = await newest();
      const items = new Map(bundle.reports.flatMap((report) => report.items.map((item) => [item.id, item] as const)));
      const first = bundle.top.slice(0, 3).flatMap((id) => items.get(id) ?? []);
      expect({ first: first.map(({ title }) => title), found: first.some((item) => shop.causes(item)) }).toMatchObject({
        found: true,
      });
      expect(chain.channels.posts(shop.alert.name)).toHaveLength(1);
      expect(bundle.reports.map(({ signal, verdict }) => [signal, verdict === "source_down"])).toEqual(
        bundle.reports.map(({ signal }) => [signal, false]),
      );
    });

    it("has a page with what stands out, and no secret in it", async () => {
      const { id } = await newest();
      const page = await get(`/evidence/${id}`);
      expect(page).toContain("What stands out");
      expect(page).toContain("waterfall");
      for (const text of [page, JSON.stringify(await newest()), (await post()).text])
        expect(text).not.toContain(PLANTED);
    });

    it("is asked again with the same answer", async () => {
      const { id, top } = await newest();
      const { code, stdout, stderr } = await run("correlate", "--rerun", id);
      expect({ code, stderr, same: stdout.includes("The same as before") }).toEqual({
        code: 0,
        stderr: "",
        same: true,
      });
      expect((await newest()).top).toEqual(top);
    });

    it("is found on the command line by its fingerprint, and its service by its name", async () => {
      const { question } = await newest();
      const byAlert = await run("correlate", "--alert", question.alert?.fingerprint.slice(0, 8) ?? "");
      expect(byAlert).toMatchObject({ code: 0, stderr: "" });
      expect(byAlert.stdout).toContain(`Evidence about ${shop.alert.name}`);
      const byService = await run(
        "correlate",
        "--service",
        String(shop.alert.labels["service"]),
        "--from",
        "15m",
        "--json",
      );
      expect(byService).toMatchObject({ code: 0, stderr: "" });
      const bundle = JSON.parse(byService.stdout) as Bundle;
      expect(bundle.top.length).toBeGreaterThan(0);
    });

    it("leads from a trace to its spans and log lines", async () => {
      const traced = new Set(shop.spans.map((span) => span.traceId));
      const isMeant = ({ level, traceId = "" }: (typeof shop.lines)[number]): boolean =>
        level === "error" && traced.has(traceId);
      const traceId = shop.lines.findLast(isMeant)?.traceId ?? "";
      const { code, stdout } = await run("correlate", "--trace", traceId.toUpperCase());
      expect(code).toBe(0);
      expect(stdout).toContain("Spans");
      expect(stdout).toMatch(/error /);
      expect(stdout).not.toContain(PLANTED);
    });

    it("says what it could not see when a source is down", async () => {
      await tempo.close();
      const { stdout } = await run(
        "correlate",
        "--service",
        String(shop.alert.labels["service"]),
        "--from",
        "15m",
        "--json",
      );
      const verdicts = Object.fromEntries((JSON.parse(stdout) as Bundle).reports.map((one) => [one.signal, one]));
      expect(verdicts["traces"]).toMatchObject({
        verdict: "source_down",
        said: expect.stringMatching(/connection_refused|refused/) as string,
      });
      expect(verdicts["logs"]?.verdict).toBe("significant");
    });
  },
);

/** A Prometheus that takes what the shop measured. */
async function startHistory(command: string): Promise<WebServer> {
  const folder = await createTemporaryFolder("evidence-prometheus");
  const config = join(folder.path, "prometheus.yml");
  await writeFile(config, "global: {}\n");
  return startWebServer({
    command,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      "--web.enable-remote-write-receiver",
      "--enable-feature=exemplar-storage",
    ],
    folder,
  });
}

async function tellChange(url: string): Promise<void> {
  const { statusCode } = await request(`${url}/api/v1/changes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ kind: "config", title: "a flag was switched", labels: { service: "mail" } }),
  });
  expect(statusCode).toBe(201);
}
