import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { serverConfigs } from "../../src/app/server-configs.ts";
import { packs } from "../../src/collectors/index.ts";
import { sourceSchema } from "../../src/config/alerting/source-schema.ts";
import { alertingMetrics } from "../../src/core/alerting-metrics.ts";
import { processMetrics } from "../../src/core/self-metrics.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { startDeliveryService, type DeliveryService } from "../helpers/delivery-service.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { amtool, promtool, startAlertmanager, startPrometheus } from "../helpers/prometheus.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const TOKEN = "planted-token-of-the-source";
const ALERTMANAGER = "deploy/alertmanager/alertmanager.yml";
const PROMETHEUS = "deploy/prometheus/prometheus.yml";
const KINDS = ["alertmanager", "prometheus", "rules"];

/** A user whose password nobody needs here. */
const USERS = { prometheus: "$2y$10$HX0a9jkxc.6e9TXNeRLm2euvHfT32poiJPnbhxLotC9ZxRFMC4266" };
const SOURCE = {
  name: "main",
  credentials: [{ type: "bearer", token: TOKEN }],
  alertmanager: { urls: ["https://am.example.org/alerts"], login: { type: "bearer", token: TOKEN }, ca_file: "ca.pem" },
  watchdog: { every: "1m" },
};
const WEBHOOK = { type: "webhook", name: "any", url: "http://127.0.0.1:9/" };
const alertingOf = (source: object) => ({
  sources: [source],
  destinations: [WEBHOOK],
  route: { destinations: ["any"] },
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

describeReal("the shipped configuration of", ["amtool", "promtool"], () => {
  it("Alertmanager is one to amtool, and has a route for the watchdog besides the one for all", async () => {
    const file = join(packageRoot, ALERTMANAGER);
    const inhibitRules = packs.flatMap(({ inhibitions = [] }) => inhibitions).length;
    const { code, stdout } = await amtool(["check-config", "--enable-feature=utf8-strict-mode", file]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(" - 1 receivers\n") as string });
    expect(Number(/ - (\d+) inhibit rules/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(inhibitRules);
    const routeOf = async (...labels: readonly string[]) =>
      (await amtool(["config", "routes", "test", "--tree", `--config.file=${file}`, ...labels])).stdout;
    expect(await routeOf("alertname=Watchdog", "severity=none")).toMatch(
      /default-route\n.*\{alertname="Watchdog"\} {2}receiver: watchkeeper\n/,
    );
    expect(await routeOf("alertname=VaultSealed", "severity=critical")).toMatch(
      /default-route {2}receiver: watchkeeper\n/,
    );
  });

  it("Prometheus is one to promtool, with the shipped rules", async () => {
    const file = join(packageRoot, PROMETHEUS);
    const { code, stdout, stderr } = await promtool(["check", "config", "--lint=all", "--lint-fatal", file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = [...stdout.matchAll(/\/([\w-]+)\.yaml\n {2}SUCCESS: (\d+) rules found\n/g)];
    const ruled = packs.filter(({ alerts }) => alerts.length > 0).map(({ id, alerts }) => [id, alerts.length]);
    expect(found.map(([, id, count]) => [id, Number(count)])).toEqual([...ruled, ["watchdog", 1]]);
  });
});

describeReal("configurations that are made of one of Watchkeeper's", ["amtool", "promtool"], () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder("server-configs");
    const authority = await createAuthority();
    const { certificatePem, keyPem } = await authority.issue({ hosts: ["wk.example.org"] });
    const files = { "ca.pem": authority.certificatePem, "server.crt": certificatePem, "server.key": keyPem };
    for (const [name, text] of Object.entries(files)) await put(join(folder.path, name), text);
    const tls = {
      cert_file: "server.crt",
      key_file: "server.key",
      client_auth_type: "RequireAndVerifyClientCert",
      client_ca_file: "ca.pem",
    };
    await put(join(folder.path, "web.yml"), printYaml({ tls_server_config: tls, basic_auth_users: USERS }));
    const server = { listen: "127.0.0.1:9797", web_config_file: "web.yml" };
    await put(join(folder.path, "watchkeeper.yaml"), printYaml({ server, alerting: alertingOf(SOURCE) }));
    // what people put beside them
    for (const of of ["alertmanager", "prometheus"])
      for (const [name, text] of Object.entries({
        "watchkeeper-token": TOKEN,
        "watchkeeper-password": "planted-password",
        "alertmanager-token": TOKEN,
        "watchkeeper-ca.pem": authority.certificatePem,
        "alertmanager-ca.pem": authority.certificatePem,
        "watchkeeper-client.pem": certificatePem,
        "watchkeeper-client-key.pem": keyPem,
      }))
        await put(join(folder.path, "deploy", of, name), text);
  });
  afterAll(() => folder.remove());

  it("are some to amtool and promtool, and find their files beside them", async () => {
    const generated = await runCli(["generate", ...KINDS, "--config", "watchkeeper.yaml"], { cwd: folder.path });
    expect(generated).toMatchObject({ code: 0, stderr: "" });
    const [alertmanager, prometheus] = [ALERTMANAGER, PROMETHEUS].map((path) => join(folder.path, path));
    expect(await amtool(["check-config", String(alertmanager)])).toMatchObject({ code: 0 });
    const checked = await promtool(["check", "config", "--lint=all", String(prometheus)]);
    expect(checked).toMatchObject({ code: 0, stderr: "" });

    const texts = await Promise.all([alertmanager, prometheus].map((path) => readFile(String(path), "utf8")));
    // the server speaks TLS, which the URL that is made of its address does not know
    expect(texts[0]).toContain("url: https://localhost:9797/api/v1/webhooks/alertmanager/main\n");
    expect(texts[1]).toContain("scheme: https\n");
    expect(texts[1]).toContain("username: prometheus\n");
    expect(texts.join("")).not.toMatch(/planted|\$2y/);
    // promtool looks for files: without one of them it would have said so
    for (const name of ["watchkeeper-client.pem", "rules/vault.yaml"]) {
      await writeFile(String(prometheus), String(texts[1]).replaceAll(name, "not-there"));
      expect(await promtool(["check", "config", String(prometheus)])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("not-there") as string,
      });
    }
  });
});

/** For a machine that does much else: how long to wait for what takes some seconds. */
const PATIENCE = { deadlineMs: 90_000 };
const PROGRAMS = ["alertmanager", "prometheus"] as const;

describeReal("Prometheus and Alertmanager with nothing but what was generated", PROGRAMS, () => {
  let service: DeliveryService;
  const { alertmanager: _, ...source } = SOURCE;
  beforeAll(async () => {
    service = await startDeliveryService({ destinations: [WEBHOOK], alerting: { sources: [source] } });
  });
  afterAll(() => service?.close());

  /** Writes what is made for such a source, and gives the configuration at the path. */
  async function generate(path: string, of: object): Promise<string> {
    const server = { url: service.url, hasOwnCertificate: false, wantsClientCertificate: false, username: undefined };
    const files = serverConfigs(packs, { server, sources: [sourceSchema.parse(of)], ruleFiles: [] });
    for (const file of files) await put(join(service.folder, file.path), file.text);
    return files.find((file) => file.path === path)?.text ?? "";
  }

  it("scrape Watchkeeper, and bring the watchdog to it with the token", async () => {
    const routes = await generate(ALERTMANAGER, source);
    const dir = join(service.folder, dirname(ALERTMANAGER));
    await writeFile(join(dir, "watchkeeper-token"), TOKEN);
    const alertmanager = await startAlertmanager({ config: routes, dir });
    onTestFinished(() => alertmanager.stop());
    const api = { urls: [alertmanager.url] };
    const dirOfPrometheus = join(service.folder, dirname(PROMETHEUS));
    const config = (await generate(PROMETHEUS, { ...source, alertmanager: api })).replaceAll("30s", "1s");
    // what fires before the Alertmanager is known is sent again a minute later only
    const rule = join(dirOfPrometheus, "watchdog.yaml");
    const later = await readFile(rule, "utf8");
    await rm(rule);
    const prometheus = await startPrometheus({ config, dir: dirOfPrometheus });
    onTestFinished(() => prometheus.stop());
    await waitUntil(
      "Prometheus knows Alertmanager",
      async () => {
        const { body } = await request(`${prometheus.url}/api/v1/alertmanagers`);
        return (await body.text()).includes(`${alertmanager.url}/api/v2/alerts`);
      },
      PATIENCE,
    );
    await writeFile(rule, later);
    await prometheus.reload();
    // nothing else fires, and what does not show the token is not counted here
    const arrived = async () => ((await service.metric(alertingMetrics.received.name, { source: "main" })) ?? 0) > 0;
    await waitUntil("the watchdog arrives", arrived, PATIENCE);
    const builds = () => prometheus.query(processMetrics.build.name);
    await waitUntil("Watchkeeper is scraped", async () => (await builds()).length > 0, PATIENCE);
    expect(await prometheus.targets()).toMatchObject([{ health: "up", scrapePool: "watchkeeper" }]);
  });
});
