import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDiscordStandIn } from "../../src/lab/channels/discord/discord-stand-in.ts";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import { startGotifyStandIn } from "../../src/lab/channels/gotify/gotify-stand-in.ts";
import { startNtfyStandIn } from "../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import { startPagerDutyStandIn } from "../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startTelegramStandIn } from "../../src/lab/channels/telegram/telegram-stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { FakeAlertmanager } from "../../src/alerting/repair/__fixtures__/fake-alertmanager.ts";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import { PASSPHRASE } from "../../src/lab/certificates/files.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import { startProxmoxBackupLab } from "../../src/lab/proxmox-backup/proxmox-backup-lab.ts";
import { startProxmoxLab } from "../../src/lab/proxmox/proxmox-lab.ts";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { startTrueNasLab } from "../../src/lab/truenas/truenas-lab.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import type { ConfigPart } from "./docs-config.ts";
import type { Settings } from "./docs-snippets.ts";

/** Everything that can be closed. */
interface Closable {
  close(): Promise<void>;
}

/** What is looked at of the settings that the lab of certificates gives. */
interface LabTarget {
  readonly endpoints: readonly { readonly urls: readonly string[] }[];
  readonly files: readonly { readonly paths: readonly string[] }[];
  readonly kubeconfigs: readonly Settings[];
}

/** Starts an emulated service; gives it, and the settings of a destination or target that lead there. */
type Start = (written: Settings, folder: string) => Promise<readonly [Closable, Settings]>;

const pagerDuty: Start = async () => {
  const service = await startPagerDutyStandIn();
  return [service, { api_url: service.url, routing_key: "0123456789abcdef".repeat(2) }];
};

const SERVICES: Readonly<Record<string, Start>> = {
  pagerduty: pagerDuty,
  "pagerduty-change": pagerDuty,
  async slack() {
    const service = await startSlackStandIn();
    return [service, { api_url: service.url, token: service.token, channel: service.channelId("alerts") }];
  },
  async "slack-webhook"() {
    const service = await startSlackStandIn();
    return [service, { url: service.webhookUrl }];
  },
  async email({ name }, folder) {
    const ca = `${String(name)}-ca.pem`;
    const login = { username: "watchkeeper@example.org", password: "planted-password" };
    const service = await startMailStandIn({ login });
    await writeFile(join(folder, ca), service.caPem);
    return [service, { host: "127.0.0.1", port: service.port, ca_file: ca, ...login }];
  },
  async discord({ thread_id: thread }) {
    const service = await startDiscordStandIn({ threads: typeof thread === "string" ? [thread] : [] });
    return [service, { url: service.url }];
  },
  async telegram() {
    const service = await startTelegramStandIn();
    return [service, { api_url: service.url, token: service.token }];
  },
  async ntfy() {
    const service = await startNtfyStandIn();
    return [service, { url: service.url }];
  },
  async gotify() {
    const service = await startGotifyStandIn();
    return [service, { url: service.url, token: service.token }];
  },
  async webhook() {
    const service = await startWebhookStandIn();
    return [service, { url: service.url }];
  },
  async certificates({ name }, folder) {
    const dir = join(folder, `${String(name)}-certificates`);
    await mkdir(dir);
    const lab = await startCertificatesLab();
    // what other labs would have to serve is left out, and what does not answer as it should; files that settings name
    // are feigned
    const none = { urls: [], kubernetes: [], vault: [], acme: [] };
    const { endpoints, files, kubeconfigs } = (await lab.target(dir)) as LabTarget;
    const silent = new Set(Object.values(lab.endpoints).flatMap((each) => (each.expectation.reason ? [each.url] : [])));
    const sound = {
      endpoints: endpoints.filter(({ urls }) => !urls.some((url) => silent.has(url))),
      files: files.map(({ paths }) => ({
        paths: paths.filter((path) => !path.includes("broken")),
        passphrase: PASSPHRASE,
      })),
    };
    return [lab, { ...none, kubeconfigs, ...sound, name }];
  },
  async vault({ name }, folder) {
    const ca = `${String(name)}-ca.pem`;
    const lab = await startVaultLab();
    await writeFile(join(folder, ca), lab.caPem);
    const auth = { method: "token", token: lab.rootToken };
    return [lab, { nodes: lab.nodes.map(({ url }) => url), ca_file: ca, auth }];
  },
  async proxmox({ name }, folder) {
    const ca = `${String(name)}-ca.pem`;
    const lab = await startProxmoxLab();
    await writeFile(join(folder, ca), lab.caPem);
    const { tokenId, tokenSecret } = lab;
    return [lab, { nodes: lab.nodes.map(({ url }) => url), ca_file: ca, token_id: tokenId, token_secret: tokenSecret }];
  },
  async "proxmox-backup"({ name }, folder) {
    const ca = `${String(name)}-ca.pem`;
    const lab = await startProxmoxBackupLab();
    await writeFile(join(folder, ca), lab.caPem);
    return [lab, { url: lab.url, ca_file: ca, token_id: lab.tokenId, token_secret: lab.tokenSecret }];
  },
  async truenas({ name }, folder) {
    const ca = `${String(name)}-ca.pem`;
    const lab = await startTrueNasLab();
    await writeFile(join(folder, ca), lab.caPem);
    return [lab, { url: lab.url, ca_file: ca, username: lab.username, api_key: lab.apiKey }];
  },
};

/** A configuration whose destinations and targets are emulated services. */
export interface ServedConfig extends Closable {
  readonly config: ConfigPart;
}

/** Starts an emulated source for each one that evidence is taken from; gives them, and the sections that lead there. */
async function serveEvidence({
  evidence,
  prometheus,
}: ConfigPart): Promise<readonly [readonly Closable[], ConfigPart]> {
  if (evidence === undefined) return [[], {}];
  const [logs, traces, metrics] = await Promise.all([startElasticsearchLab(), startTempoLab(), startPrometheusLab()]);
  const line = {
    "@timestamp": new Date().toISOString(),
    message: "ready",
    "log.level": "info",
    "service.name": "shop",
  };
  logs.write("logs-shop", [line]);
  const elasticsearch = evidence["elasticsearch"] !== undefined && { elasticsearch: { nodes: [logs.url] } };
  const served = {
    ...elasticsearch,
    ...(evidence["traces"] !== undefined && { traces: { kind: "tempo", url: traces.url } }),
  };
  return [
    [logs, traces, metrics],
    { evidence: { ...evidence, ...served }, ...(prometheus !== undefined && { prometheus: { url: metrics.url } }) },
  ];
}

/** Leads a source to an emulated Alertmanager, if it names one. */
async function serveSource(source: Settings): Promise<readonly [readonly Closable[], Settings]> {
  if (source["alertmanager"] === undefined) return [[], source];
  const fake = new FakeAlertmanager();
  const server = await startLabServer({ handler: (request) => fake.handle(request) });
  return [[server], { ...source, alertmanager: { urls: [server.url] } }];
}

/**
 * Starts an emulated service for each destination, target and source, and leads the configuration there; files go into
 * the folder.
 */
export async function serveConfig(
  { targets = {}, alerting, ...rest }: ConfigPart,
  folder: string,
): Promise<ServedConfig> {
  const running: Closable[] = [];
  const serve = async (type: string, written: Settings): Promise<Settings> => {
    const start = SERVICES[type];
    if (start === undefined) throw new Error(`nothing emulates ${type}`);
    const [service, settings] = await start(written, folder);
    running.push(service);
    const replaced = new Set(Object.keys(settings).map((key) => `${key}_file`));
    return { ...Object.fromEntries(Object.entries(written).filter(([key]) => !replaced.has(key))), ...settings };
  };
  const [sources, evidence] = await serveEvidence(rest);
  running.push(...sources);
  const servedTargets: Record<string, readonly Settings[]> = {};
  for (const [type, list] of Object.entries(targets))
    servedTargets[type] = await Promise.all(list.map((target) => serve(type, target)));
  const destinations = await Promise.all(
    (alerting?.destinations ?? []).map((destination) => serve(String(destination["type"]), destination)),
  );
  const senders = await Promise.all((alerting?.sources ?? []).map(serveSource));
  running.push(...senders.flatMap(([servers]) => servers));
  const alertmanagers = senders.length > 0 && { sources: senders.map(([, source]) => source) };
  return {
    config: {
      ...rest,
      ...evidence,
      targets: servedTargets,
      ...(alerting && { alerting: { ...alerting, ...alertmanagers, destinations } }),
    },
    close: async () => void (await Promise.all(running.map((each) => each.close()))),
  };
}
