import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { single, small } from "../../src/app/preview/__fixtures__/small-dashboard.ts";
import {
  PREVIEW_BOUNDS,
  readPanel,
  readVariable,
  type Preview,
  type ResolvedDashboard,
} from "../../src/app/preview/preview.ts";
import { prometheusSource } from "../../src/app/preview/source.ts";
import { createHttpClient } from "../../src/lib/http/client.ts";
import { createPreviewApp } from "../../src/server/routes/preview-app.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { startPrometheus, type PrometheusServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const NASTY = ['say "hi"', String.raw`C:\temp`, "$node ${device}", ".*", "a|b", "(x]", "plain"];

/** The fixture's panels over `up` of a Prometheus that scrapes itself once for each label value. */
const overUp = (dashboard: ResolvedDashboard): ResolvedDashboard => ({
  ...dashboard,
  variables: dashboard.variables.map((variable) => ({ ...variable, query: variable.query.replace("used", "up") })),
  rows: dashboard.rows.map((row) => ({
    ...row,
    panels: row.panels.map((panel) =>
      panel.kind === "signals"
        ? { ...panel, queries: panel.queries.map((query) => ({ ...query, expr: 'up{node=~"$node"}' })) }
        : panel,
    ),
  })),
});

describeReal("the preview over a real Prometheus", ["prometheus", "chromium"], ({ chromium }) => {
  const client = createHttpClient();
  let prometheus: PrometheusServer;
  let preview: Preview;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    prometheus = await startPrometheus();
    const host = new URL(prometheus.url).host;
    await prometheus.reload({
      scrape_configs: NASTY.map((node, i) => ({
        job_name: `job-${i}`,
        static_configs: [{ targets: [host], labels: { node, device: "sda" } }],
      })),
    });
    await waitUntil("all are up", async () => (await prometheus.query("(up offset 1s) == 1")).length === NASTY.length);
    const source = prometheusSource({ client, url: prometheus.url }, PREVIEW_BOUNDS);
    preview = { source, dashboards: new Map([small, single].map(overUp).map((each) => [each.uid, each])) };
    app = createPreviewApp(preview);
    await app.listen({ host: "127.0.0.1", port: 0 });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await app.close();
    await client.close();
    await prometheus.stop();
  });

  const question = (node: readonly string[]) => {
    const to = Math.floor(Date.now() / 1_000);
    return { from: to - 900, to, step: 15, chosen: { node } };
  };

  it.each([...NASTY.map((value) => [value]), NASTY.slice(0, 4), []])(
    "chooses exactly %j %j %j %j",
    async (...chosen) => {
      const wanted = chosen.length === 0 ? NASTY : chosen;
      const { series } = await readPanel(preview, { uid: small.uid, id: 2 }, question(chosen));
      expect(series.map(({ labels }) => labels["node"]).toSorted()).toEqual(wanted.toSorted());
    },
  );

  it("offers the choices that the earlier variable leaves", async () => {
    expect(await readVariable(preview, { uid: small.uid, name: "node" }, question([]))).toEqual(NASTY.toSorted());
    const device = { uid: single.uid, name: "device" };
    expect(await readVariable(preview, device, question(['say "hi"']))).toEqual(["sda"]);
    expect(await readVariable(preview, device, question(["none"]))).toEqual([]);
  });

  it("is drawn in a browser", async () => {
    const folder = await createTemporaryFolder("chromium");
    const quiet =
      "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync --disable-background-networking --disable-component-update";
    const page = `${url}/dashboards/${small.uid}?refresh=0`;
    const own = [`--user-data-dir=${folder.path}`, "--virtual-time-budget=10000", "--dump-dom"];
    const { stdout } = await runProgram(chromium, [...quiet.split(" "), ...own, page]);
    await folder.remove();
    expect(stdout).toMatch(/data-loaded="\d+"/);
    expect(stdout).toContain("<canvas");
    expect(stdout).toContain("<strong>100 %</strong>");
    expect(stdout).toContain('class="strip"');
    expect(stdout).toMatch(/Critical: <\/strong><a href="#panel-1"/);
    expect(stdout).toMatch(/<option[^>]*>say "hi"<\/option>/);
  });
});
