import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packs } from "../../collectors/index.ts";
import { ConfigError } from "../../core/errors.ts";
import { playIncidents } from "../../lab/incident/play.ts";
import { alertmanagerSender, webhookSender } from "../../lab/incident/sender.ts";
import type { VaultLab } from "../../lab/vault/contract.ts";
import { notifiers } from "../../notifiers/index.ts";
import { createLogger } from "../../lib/log.ts";
import { printYaml } from "../../lib/yaml.ts";
import { startService } from "../../server/start-service.ts";
import { freePort } from "../companion.ts";
import { startDemoChannels, type DemoChannels } from "../demo/channels.ts";
import { DEMO_SLOS, startCompanions, type Companions } from "../demo/companions.ts";
import { startDemoShop, type DemoShop } from "../demo/evidence.ts";
import { startDemoSystems, type DemoSystems } from "../demo/systems.ts";

/** What `watchkeeper demo` is asked. */
export interface DemoOptions {
  readonly port: string;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Runs an emulated Vault cluster, Proxmox VE cluster, Proxmox Backup Server and TrueNAS, emulated Slack, PagerDuty,
 * mail server and ntfy, a shop with emulated Elasticsearch and Tempo, and Watchkeeper between them, with Prometheus and
 * Alertmanager when they are on PATH, until SIGINT or SIGTERM. One thing is broken in each system, and an incident is
 * played again and again, so that there is something to see.
 */
export async function demo({ port: portText }: DemoOptions): Promise<void> {
  const asked = portNumber(portText);
  // links in messages hold the port, so it is to be known before anything listens
  const port = asked === 0 ? await freePort(0) : asked;
  const dir = await mkdtemp(join(tmpdir(), "watchkeeper-demo-"));
  const stops: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each().catch(() => undefined);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().then(() => sayThatItEnded(dir)));

  try {
    const systems = await startDemoSystems(dir);
    stops.push(() => systems.close());
    const channels = await startDemoChannels(dir);
    stops.push(() => channels.close());
    const webhookUrl = `http://127.0.0.1:${port}/api/v1/webhooks/alertmanager/demo`;
    const companions = await startCompanions({
      dir,
      url: `http://127.0.0.1:${port}`,
      webhookUrl,
      started: (companion) => stops.push(() => companion.stop()),
    });
    const shop = await startDemoShop(companions.prometheus?.url);
    stops.push(() => shop.close());
    const file = await writeConfig(dir, { systems, channels, companions, shop, port });
    const service = await startService({ packs, notifiers, file, env: {}, log: createLogger });
    stops.push(() => service.stop());
    await systems.breakSomething();
    sayWhatToOpen(systems.vault, service.url, channels, companions);
    say(
      `Evidence on the command line:\n  npm run -s watchkeeper -- correlate -c ${file} --service checkout\n\nCtrl-C ends everything.\n`,
    );
    stops.push(play(channels, webhookUrl, companions));
  } catch (thrown) {
    await stop();
    if (thrown instanceof ConfigError && thrown.faults.some(({ path }) => path === "server.listen"))
      throw usage(`port ${port} is taken; choose another one: npm run demo -- --port 9798`);
    throw thrown;
  }
}

function sayThatItEnded(dir: string): never {
  say(`\nThe demo has stopped. ${existsSync(dir) ? `Remove ${dir}, which it could not.` : "Nothing of it was kept."}`);
  process.exit(0);
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "demo", path: "", message }]);

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw usage(`--port is a number from 0 to 65535, not ${text}`);
}

interface DemoParts {
  readonly systems: DemoSystems;
  readonly channels: DemoChannels;
  readonly companions: Companions;
  readonly shop: DemoShop;
  readonly port: number;
}

async function writeConfig(dir: string, { systems, channels, companions, shop, port }: DemoParts): Promise<string> {
  const file = join(dir, "watchkeeper.yaml");
  const { prometheus } = companions;
  const settings = {
    server: { listen: `127.0.0.1:${port}` },
    log: { level: "error", format: "text" },
    targets: systems.targets,
    alerting: channels.alerting,
    evidence: shop.evidence,
    ...(prometheus && { prometheus: { url: prometheus.url }, slo: { specs: [DEMO_SLOS] } }),
  };
  await writeFile(file, printYaml(settings));
  return file;
}

/** Begins the incident; gives the way to end it. */
function play(channels: DemoChannels, webhookUrl: string, { alertmanager }: Companions): () => Promise<void> {
  const ending = new AbortController();
  const playing = playIncidents({
    sender: alertmanager === undefined ? webhookSender(webhookUrl) : alertmanagerSender(alertmanager.url),
    setChat: (state) => channels.setChat(state),
    narrate: (line) => say(`${new Date().toTimeString().slice(0, 8)}  ${line}`),
    signal: ending.signal,
  });
  return async () => {
    ending.abort();
    await playing;
  };
}

function sayWhatToOpen(lab: VaultLab, url: string, { inboxUrl }: DemoChannels, companions: Companions): void {
  const { prometheus, alertmanager } = companions;
  const sealed = lab.nodes[2];
  const name = sealed === undefined ? "" : new URL(sealed.url).host;
  const open = [
    [`${inboxUrl}/`, "what people see in Slack, PagerDuty, their mail and on their phone"],
    [`${url}/alerts`, "Watchkeeper: what fires, who was told, what waits and why"],
    [`${url}/evidence`, "what belongs to an alert: logs, traces, metrics and changes, some seconds after it"],
    [`${url}/`, "how well Watchkeeper reads each part of each system"],
    [`${url}/metrics`, "what Prometheus scrapes"],
    [`${url}/runbooks`, "what to do about each alert"],
    ...(prometheus === undefined
      ? []
      : [
          [`${url}/dashboards`, "the dashboards, drawn without Grafana"],
          [`${url}/slos`, "objectives, and how much of their budgets is left"],
          [`${prometheus.url}/alerts`, "Prometheus, with the alert rules"],
        ]),
    ...(alertmanager === undefined ? [] : [[alertmanager.url, "Alertmanager"]]),
  ];
  const width = Math.max(...open.map(([address = ""]) => address.length));
  say(
    "\nThe demo runs: Watchkeeper between emulated Vault, Proxmox VE, Proxmox Backup Server, TrueNAS, servers with\ncertificates, a shop that logs to Elasticsearch and Tempo, Slack, PagerDuty, mail and ntfy. Open",
  );
  for (const [address = "", what] of open) say(`  ${address.padEnd(width)}  ${what}`);
  say(`\nJust now Vault's node ${name} was sealed, a ZFS pool of Proxmox VE lost a disk, backups failed their`);
  say("verification, somebody detached a disk from a mirror of TrueNAS, whose pool calls itself ONLINE all the same,");
  say("and a certificate was renewed that its server does not serve yet.");
  say('Look in /metrics for vault_sealed, pve_zfs_pool_state{...,state="DEGRADED"},');
  say("pbs_group_last_backup_verified, which is 0 for the backups that failed, and");
  say('truenas_pool_redundancy_disks{pool="tank"}, which is 0: one more disk, and the data is lost, and');
  say('probe_tls_check_success{...,check="served_is_stored",reason="stored_is_newer"}.');
  if (prometheus === undefined)
    say("Prometheus is not on PATH; with it (and Alertmanager) their alerts come too, dashboards and objectives.");
  else say("The alert VaultSealed fires in about a minute.");
  say("To unseal the node:");
  say(`  curl -k -X PUT -d '{"key":"${lab.unsealKey}"}' ${sealed?.url}/v1/sys/unseal`);
}
