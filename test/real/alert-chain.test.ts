import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { startOpenBao, type OpenBaoCluster } from "../helpers/openbao.ts";
import { startProcess, type RunningProcess } from "../helpers/process.ts";
import {
  promtool,
  startAlertmanager,
  startPrometheus,
  type AlertmanagerServer,
  type PrometheusServer,
} from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PROGRAMS = ["bao", "prometheus", "promtool", "alertmanager"] as const;

/** The rules wait a minute on purpose, and Alertmanager is told of the end a little later. */
const PATIENCE = { deadlineMs: 150_000, everyMs: 500 };

describeReal("from a real OpenBao to an alert in a real Alertmanager", PROGRAMS, () => {
  let folder: TemporaryFolder;
  let cluster: OpenBaoCluster;
  let watchkeeper: RunningProcess;
  let url: string;
  let prometheus: PrometheusServer;
  let alertmanager: AlertmanagerServer;

  beforeAll(async () => {
    folder = await createTemporaryFolder("alert-chain");
    cluster = await startOpenBao();
    const [port] = (await freePorts(1)) as [number];
    url = `http://127.0.0.1:${port}`;
    await writeFile(join(folder.path, "token"), cluster.rootToken);
    const vault = {
      name: "openbao",
      nodes: cluster.nodes.map((node) => node.url),
      ca_file: cluster.caFile,
      auth: { method: "token", token_file: "token" },
      pace: 0.1,
    };
    const config = { server: { listen: `127.0.0.1:${port}` }, targets: { vault: [vault] } };
    await writeFile(join(folder.path, "watchkeeper.yaml"), printYaml(config));
    watchkeeper = await startProcess({
      command: process.execPath,
      args: [join(packageRoot, "dist/cli/main.js"), "serve"],
      cwd: folder.path,
      ready: async () => (await request(`${url}/-/ready`)).statusCode === 200,
    });
    alertmanager = await startAlertmanager({ config: { route: { receiver: "none" }, receivers: [{ name: "none" }] } });
    const targetsOf = (of: string) => [{ targets: [new URL(of).host] }];
    prometheus = await startPrometheus({
      config: {
        scrape_configs: [{ job_name: "watchkeeper", static_configs: targetsOf(url) }],
        alerting: { alertmanagers: [{ static_configs: targetsOf(alertmanager.url) }] },
      },
      ruleFiles: packs.map(({ id }) => join(packageRoot, "alerts/rules", `${id}.yaml`)),
    });
  });
  afterAll(async () => {
    await Promise.all([prometheus, alertmanager, watchkeeper].map((each) => each?.stop()));
    await cluster?.close();
    await folder?.remove();
  });

  const firing = async (): Promise<string[]> =>
    (await alertmanager.alerts()).flatMap(({ labels, endsAt }) =>
      Date.parse(endsAt) > Date.now() ? [`${labels["alertname"]} ${labels["node"] ?? ""}`.trim()] : [],
    );

  it("serves an exposition that promtool has nothing to say of", async () => {
    const { body } = await request(`${url}/metrics`);
    const text = await body.text();
    expect(await promtool(["check", "metrics"], { stdin: text })).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("is scraped, with nothing of a healthy cluster to complain of", async () => {
    await waitUntil("Prometheus has the series", async () => (await prometheus.query("vault_up")).length === 3);
    expect(await prometheus.targets()).toMatchObject([{ health: "up", lastError: "" }]);
    expect((await prometheus.query("sum(vault_up)"))[0]?.value).toBe(3);
    // rules that were evaluated before the first scrape are still pending for a moment
    await waitUntil("only the single audit device is complained of", async () => {
      const names = (await prometheus.alerts()).map(({ labels }) => labels["alertname"]);
      return names.join() === "VaultSingleAuditDevice";
    });
  });

  it("tells Alertmanager of a sealed node, with what a person needs, and of its end", async () => {
    const node = cluster.nodes[2];
    if (node === undefined) throw new Error("the cluster has three nodes");
    const name = new URL(node.url).host;
    await node.seal();
    await waitUntil("VaultSealed fires", async () => (await firing()).includes(`VaultSealed ${name}`), PATIENCE);
    const alert = (await alertmanager.alerts()).find(({ labels }) => labels["alertname"] === "VaultSealed");
    expect(alert).toMatchObject({
      labels: { severity: "warning", target: "openbao", node: name, job: "watchkeeper" },
      annotations: {
        summary: `Vault node ${name} of openbao is sealed`,
        runbook_url: "http://localhost:9797/runbooks/VaultSealed",
        dashboard_url: "http://localhost:9797/?target=openbao",
      },
    });
    const runbook = await request(`${url}/runbooks/VaultSealed`);
    expect(runbook.statusCode).toBe(200);
    await runbook.body.dump();

    await node.unseal();
    await waitUntil("VaultSealed has ended", async () => !(await firing()).includes(`VaultSealed ${name}`), PATIENCE);
  }, 400_000);
});
