import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packs } from "../../collectors/index.ts";
import { outputs } from "../../app/outputs.ts";
import { ConfigError } from "../../core/errors.ts";
import type { VaultLab } from "../../lab/vault/contract.ts";
import { startVaultLab } from "../../lab/vault/vault-lab.ts";
import { createLogger } from "../../lib/log.ts";
import { printYaml } from "../../lib/yaml.ts";
import { startService } from "../../server/service.ts";
import { findOnPath, startCompanion, type Companion } from "../companion.ts";

/** What `watchkeeper demo` is asked. */
export interface DemoOptions {
  readonly port: string;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Runs an emulated Vault cluster and Watchkeeper on top of it, with Prometheus and Alertmanager when they are on PATH,
 * until SIGINT or SIGTERM. One node is sealed, so that there is something to see.
 */
export async function demo({ port: portText }: DemoOptions): Promise<void> {
  const port = portNumber(portText);
  const dir = await mkdtemp(join(tmpdir(), "watchkeeper-demo-"));
  const stops: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each().catch(() => undefined);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().then(() => process.exit(0)));

  try {
    const lab = await startVaultLab();
    stops.push(() => lab.close());
    const file = await writeConfig(dir, lab, port);
    const service = await startService({ packs, file, env: {}, log: createLogger });
    stops.push(() => service.stop());
    const companions = await startCompanions(dir, service.url, (companion) => stops.push(() => companion.stop()));
    lab.nodes[2]?.seal();
    sayWhatToOpen(lab, service.url, companions);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigError([{ file: "demo", path: "", message: `--port is a number from 0 to 65535, not ${text}` }]);
}

async function writeConfig(dir: string, lab: VaultLab, port: number): Promise<string> {
  await writeFile(join(dir, "vault-ca.pem"), lab.caPem);
  await writeFile(join(dir, "vault-token"), lab.rootToken, { mode: 0o600 });
  const file = join(dir, "watchkeeper.yaml");
  const vault = {
    name: "vault-lab",
    nodes: lab.nodes.map(({ url }) => url),
    ca_file: "vault-ca.pem",
    auth: { method: "token", token_file: "vault-token" },
    pace: 0.2,
  };
  const config = {
    server: { listen: `127.0.0.1:${port}` },
    log: { level: "warn", format: "text" },
    targets: { vault: [vault] },
  };
  await writeFile(file, printYaml(config));
  return file;
}

interface Companions {
  readonly prometheus?: Companion | undefined;
  readonly alertmanager?: Companion | undefined;
}

async function startCompanions(dir: string, url: string, started: (companion: Companion) => void): Promise<Companions> {
  const programs = { prometheus: await findOnPath("prometheus"), alertmanager: await findOnPath("alertmanager") };
  if (programs.prometheus === undefined) return {};
  let alertmanager: Companion | undefined;
  if (programs.alertmanager !== undefined) {
    const config = join(dir, "alertmanager.yml");
    await writeFile(config, printYaml({ route: { receiver: "nobody" }, receivers: [{ name: "nobody" }] }));
    alertmanager = await startCompanion("Alertmanager", programs.alertmanager, 9093, (listen) => [
      `--config.file=${config}`,
      `--storage.path=${join(dir, "alertmanager")}`,
      `--web.listen-address=${listen}`,
      "--cluster.listen-address=",
    ]);
    started(alertmanager);
  }
  const config = await writePrometheusConfig(dir, url, alertmanager);
  const prometheus = await startCompanion("Prometheus", programs.prometheus, 9090, (listen) => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(dir, "prometheus")}`,
    `--web.listen-address=${listen}`,
    "--log.level=error",
  ]);
  started(prometheus);
  return { prometheus, alertmanager };
}

async function writePrometheusConfig(dir: string, url: string, alertmanager: Companion | undefined): Promise<string> {
  const rules = outputs(packs, { format: "prometheus", externalUrl: url }).filter(({ kind }) => kind === "rules");
  const files = await Promise.all(
    rules.map(async ({ text }, i) => {
      await writeFile(join(dir, `rules-${i}.yaml`), text);
      return `rules-${i}.yaml`;
    }),
  );
  const config = join(dir, "prometheus.yml");
  const targetsOf = (of: string) => [{ static_configs: [{ targets: [new URL(of).host] }] }];
  await writeFile(
    config,
    printYaml({
      global: { scrape_interval: "5s", evaluation_interval: "5s" },
      scrape_configs: [{ job_name: "watchkeeper", ...targetsOf(url)[0] }],
      rule_files: files,
      ...(alertmanager && { alerting: { alertmanagers: targetsOf(alertmanager.url) } }),
    }),
  );
  return config;
}

function sayWhatToOpen(lab: VaultLab, url: string, { prometheus, alertmanager }: Companions): void {
  const sealed = lab.nodes[2];
  const name = sealed === undefined ? "" : new URL(sealed.url).host;
  const open = [
    [`${url}/`, "how well Watchkeeper reads each part of the cluster"],
    [`${url}/metrics`, "what Prometheus scrapes"],
    [`${url}/runbooks`, "what to do about each alert"],
    ...(prometheus === undefined ? [] : [[`${prometheus.url}/alerts`, "Prometheus, with the alert rules"]]),
    ...(alertmanager === undefined ? [] : [[alertmanager.url, "Alertmanager"]]),
  ];
  const width = Math.max(...open.map(([address = ""]) => address.length));
  say("\nThe demo runs: an emulated Vault cluster of three nodes, and Watchkeeper. Open");
  for (const [address = "", what] of open) say(`  ${address.padEnd(width)}  ${what}`);
  say(`\nNode ${name} was sealed just now: look for vault_sealed in /metrics.`);
  if (prometheus === undefined) say("Prometheus is not on PATH; with it (and Alertmanager) the demo shows alerts too.");
  else say("The alert VaultSealed fires in about a minute.");
  say("To unseal the node:");
  say(`  curl -k -X PUT -d '{"key":"${lab.unsealKey}"}' ${sealed?.url}/v1/sys/unseal`);
  say("\nCtrl-C ends everything.\n");
}
