import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { z } from "zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import type { Bundle } from "../../src/core/evidence.ts";
import type { SeenMessage } from "../../src/lab/channels/stand-in.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { startComposeStack, WEBHOOK_TOKEN, type ComposeStack } from "../helpers/compose-stack.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { ELASTICSEARCH_PROGRAMS } from "../helpers/elasticsearch.ts";
import { amtool, promtool } from "../helpers/prometheus.ts";
import { readExposition } from "../helpers/read-exposition.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000, everyMs: 200 };
const PROGRAMS = ["prometheus", "promtool", "alertmanager", "amtool", ...ELASTICSEARCH_PROGRAMS] as const;

/**
 * What the files of the repository say, and what they say where there are no containers: host names, paths and waits.
 */
const CHANGES = [
  "alertmanager/alertmanager.yml: - url: http://watchkeeper:9797/api/v1/webhooks/alertmanager/homelab -> - url: http://<local>/api/v1/webhooks/alertmanager/homelab",
  "alertmanager/alertmanager.yml: group_interval: 1m -> group_interval: 1s",
  "alertmanager/alertmanager.yml: group_wait: 10s -> group_wait: 1s",
  "prometheus/prometheus.yml: - /etc/prometheus/rules/*.yaml -> - <root>/etc/prometheus/rules/*.yaml",
  "prometheus/prometheus.yml: - /etc/watchdog.yaml -> - <root>/etc/watchdog.yaml",
  "prometheus/prometheus.yml: - /etc/watchkeeper-rules/alerts/rules/*.yaml -> - <root>/etc/watchkeeper-rules/alerts/rules/*.yaml",
  "prometheus/prometheus.yml: - /etc/watchkeeper-rules/slo/*.yaml -> - <root>/etc/watchkeeper-rules/slo/*.yaml",
  'prometheus/prometheus.yml: - static_configs: [{ targets: ["alertmanager:9093"] }] -> - static_configs: [{ targets: ["<local>"] }]',
  "prometheus/prometheus.yml: evaluation_interval: 30s -> evaluation_interval: 1s",
  "prometheus/prometheus.yml: scrape_interval: 30s -> scrape_interval: 1s",
  ...[
    "alertmanager:9093",
    "grafana:3000",
    "localhost:9090",
    "otel-collector:8888",
    "tempo:3200",
    "watchkeeper:9797",
  ].map(
    (host) =>
      `prometheus/prometheus.yml: static_configs: [{ targets: ["${host}"] }] -> static_configs: [{ targets: ["<local>"] }]`,
  ),
  'watchkeeper/watchkeeper.yaml: alertmanager: { urls: ["http://alertmanager:9093"] } -> alertmanager: { urls: ["http://<local>"] }',
  "watchkeeper/watchkeeper.yaml: audit_log: /data/slo-audit.jsonl -> audit_log: <root>/data/slo-audit.jsonl",
  "watchkeeper/watchkeeper.yaml: credentials: [{ type: bearer, token_file: /run/secrets/webhook-token }] -> credentials: [{ type: bearer, token_file: <root>/run/secrets/webhook-token }]",
  "watchkeeper/watchkeeper.yaml: endpoint: http://otel-collector:4318 -> endpoint: http://<local>",
  'watchkeeper/watchkeeper.yaml: listen: ":9797" -> listen: "<local>"',
  "watchkeeper/watchkeeper.yaml: login: { type: basic, username: watchkeeper, password_file: /run/secrets/elasticsearch-reader-password } -> login: { type: basic, username: watchkeeper, password_file: <root>/run/secrets/elasticsearch-reader-password }",
  'watchkeeper/watchkeeper.yaml: nodes: ["http://elasticsearch:9200"] -> nodes: ["http://<local>"]',
  "watchkeeper/watchkeeper.yaml: specs: [/slo] -> specs: [<root>/slo]",
  "watchkeeper/watchkeeper.yaml: sqlite: { path: /data/watchkeeper.db } -> sqlite: { path: <root>/data/watchkeeper.db }",
  'watchkeeper/watchkeeper.yaml: traces: { kind: tempo, url: "http://tempo:3200" } -> traces: { kind: tempo, url: "http://<local>" }',
  "watchkeeper/watchkeeper.yaml: url: http://prometheus:9090 -> url: http://<local>",
];

const targets = z.object({
  data: z.object({ activeTargets: z.array(z.object({ scrapePool: z.string(), health: z.string() })) }),
});
const rules = z.object({
  data: z.object({
    groups: z.array(z.object({ file: z.string(), rules: z.array(z.looseObject({ name: z.string() })) })),
  }),
});
const alertmanagers = z.object({
  data: z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) }),
});
const firing = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) }),
});
const spans = z.object({
  resourceSpans: z.array(
    z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.object({ name: z.string() })) })) }),
  ),
});

/** Writes a rule of a user's own, into the folder for them, and has Prometheus read it. */
async function setTrial({ services, prometheus }: ComposeStack, expr: string): Promise<void> {
  const rule = {
    alert: "Trial",
    expr,
    labels: { severity: "warning" },
    annotations: { summary: "Trial of the stack" },
  };
  const file = join(services.prometheus.root, "etc/prometheus/rules/trial.yaml");
  await writeFile(file, JSON.stringify({ groups: [{ name: "trial", rules: [rule] }] }));
  prometheus.signal("SIGHUP");
}

describeReal("the compose stack, from its own files", PROGRAMS, () => {
  let stack: ComposeStack;
  beforeAll(async () => {
    stack = await startComposeStack();
  }, 300_000);
  afterAll(() => stack?.close());

  it("differs from the repository's files only in hosts, paths and waits", () => {
    expect(stack.changes).toEqual(CHANGES);
  });

  it("has configurations that promtool and amtool have nothing to say of", async () => {
    const { prometheus, alertmanager } = stack.services;
    const ofPrometheus = await promtool(["check", "config", join(prometheus.root, "etc/prometheus/prometheus.yml")]);
    expect(ofPrometheus).toMatchObject({ code: 0, stderr: "" });
    expect(ofPrometheus.stdout).toContain("SUCCESS");
    const ofAlertmanager = await amtool(["check-config", join(alertmanager.root, "etc/alertmanager/alertmanager.yml")]);
    expect(ofAlertmanager).toMatchObject({ code: 0 });
  });

  it("is scraped: what runs is up, and what does not is down", async () => {
    const healthOf = async (): Promise<Readonly<Record<string, string>>> => {
      const { data } = targets.parse(await stack.get(`${stack.urls.prometheus}/api/v1/targets?state=active`));
      return Object.fromEntries(data.activeTargets.map(({ scrapePool, health }) => [scrapePool, health]));
    };
    const [up, down] = ["up", "down"];
    await waitUntil(
      "every target was scraped",
      async () => {
        const health = Object.values(await healthOf());
        return health.length === 6 && !health.includes("unknown");
      },
      PATIENCE,
    );
    expect(await healthOf()).toEqual({
      watchkeeper: up,
      prometheus: up,
      alertmanager: up,
      grafana: down,
      tempo: down,
      "otel-collector": down,
    });
  });

  it("has the rules of every pack, of objectives and of the stack", async () => {
    const { data } = rules.parse(await stack.get(`${stack.urls.prometheus}/api/v1/rules`));
    const names = new Set(data.groups.flatMap((group) => group.rules.map(({ name }) => name)));
    const alerts = packs.flatMap((pack) => pack.alerts.map(({ name }) => name));
    expect([...alerts, "Watchdog", "StackPartDown"].filter((name) => !names.has(name))).toEqual([]);
    const ofObjectives = data.groups.filter(({ file }) => /\/etc\/watchkeeper-rules\/slo\/\w+\.yaml$/.test(file));
    expect(ofObjectives.length).toBeGreaterThan(0);
  });

  it("tells of an alert of Prometheus once, and of its end", async () => {
    const { urls, phone } = stack;
    // what fires before Prometheus knows its Alertmanagers is sent a minute later
    await waitUntil("Prometheus knows Alertmanager", async () => {
      const { data } = alertmanagers.parse(await stack.get(`${urls.prometheus}/api/v1/alertmanagers`));
      return data.activeAlertmanagers.some(({ url }) => url.startsWith(urls.alertmanager));
    });
    const told = (): readonly SeenMessage[] => phone.messages().filter(({ title }) => title.includes("Trial"));
    await setTrial(stack, "vector(1)");
    await waitUntil("the alert is told", () => told().length > 0, PATIENCE);
    expect(told().map(({ title }) => title)).toEqual(["[FIRING:1] Trial of the stack"]);
    await setTrial(stack, "vector(1) < 0");
    await waitUntil("its end is told", () => told().some(({ title }) => title.includes("RESOLVED")), PATIENCE);
    expect(told()).toHaveLength(1);
  }, 300_000);

  it("takes the watchdog for a sign of life, and tells nobody", async () => {
    const { data } = firing.parse(await stack.get(`${stack.urls.prometheus}/api/v1/alerts`));
    expect(data.alerts).toContainEqual({ labels: { alertname: "Watchdog", severity: "none" }, state: "firing" });
    const since = Date.now() / 1_000;
    const args = ["--alertmanager.url", stack.urls.alertmanager, "alert", "add", "alertname=Watchdog", "severity=none"];
    expect(await amtool(args)).toMatchObject({ code: 0 });
    await waitUntil(
      "its notification has arrived",
      async () => {
        const text = await (await request(`${stack.urls.watchkeeper}/metrics`)).body.text();
        const samples = readExposition(text, "text").flatMap((family) => family.samples);
        const heard = samples.find(({ name }) => name === "watchkeeper_source_last_heartbeat_timestamp_seconds");
        return Number(heard?.value) >= since;
      },
      PATIENCE,
    );
    expect(stack.phone.messages().filter(({ title, text }) => `${title} ${text}`.includes("Watchdog"))).toEqual([]);
  });

  it("takes notifications with the token only", async () => {
    const post = async (token: string): Promise<number> => {
      const { statusCode, body } = await request(`${stack.urls.watchkeeper}/api/v1/webhooks/alertmanager/homelab`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify(groupWebhook("stranger")),
      });
      await body.dump();
      return statusCode;
    };
    expect(await post("another-token")).toBe(401);
    expect(await post(WEBHOOK_TOKEN)).toBe(202);
  });

  it("sends the way of a notification to the collector", async () => {
    const names = (): readonly string[] =>
      stack.collector.requests
        .flatMap(({ body }) => spans.parse(JSON.parse(body)).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap((scope) => scope.spans.map(({ name }) => name));
    await waitUntil("its spans are there", () => names().includes("deliver"), PATIENCE);
    expect(new Set(stack.collector.requests.map(({ path }) => path))).toEqual(new Set(["/v1/traces"]));
    expect(names()).toContain("receive");
  });

  it("finds Watchkeeper's own log lines in Elasticsearch, as the collector puts them there", async () => {
    const lines = stack.watchkeeper
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(lines.length).toBeGreaterThan(0);
    const bulk = lines.map((line) => `{"create":{}}\n${line}\n`).join("");
    const { statusCode, body } = await request(`${stack.elasticsearch.url}/logs-generic-default/_bulk?refresh=true`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: bulk,
    });
    expect({ statusCode, answer: await body.json() }).toMatchObject({ statusCode: 200, answer: { errors: false } });
    const { root, env } = stack.services.watchkeeper;
    const config = join(root, "etc/watchkeeper/watchkeeper.yaml");
    const args = ["correlate", "--service", "watchkeeper", "--from", "10m", "--json", "--config", config];
    const { stdout, stderr } = await runCli(args, { cwd: root, env });
    expect(stderr).toBe("");
    const logs = (JSON.parse(stdout) as Bundle).reports.find(({ signal }) => signal === "logs");
    expect(logs?.said).toContain(`all ${lines.length} lines were read`);
  });
});
