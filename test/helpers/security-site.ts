import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/bcrypt";
import { Agent } from "undici";
import { stringify } from "yaml";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { alertmanagerWebhook } from "./alertmanager-webhook.ts";
import { liarDestinations, startChannels, startLiars, type Channels } from "./security-channels.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess, type RunningProcess } from "./process.ts";
import { ask, type Answer } from "./security-trial.ts";

/** Stands in every credential that the processes have, and nowhere else. */
export const PLANTED = "planted-secret";
/** What an attacker writes into every text. */
export const MARKUP = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
/** A pattern that engines which go back take exponential time for. */
const GREEDY = "(a+)+$";
/** What such a pattern is tried at: it does not fit, which is found out last. */
export const GREEDIEST = `${"a".repeat(30_000)}!`;
/**
 * Three built processes with every feature on: one open on loopback, one behind TLS and a password, and one that wants
 * client certificates.
 */
export interface SecuritySite {
  readonly folder: string;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
  readonly channels: Channels;
  /** Where markup and links in alerts lead; nobody is to ask it. */
  readonly trap: LabServer;
  /** Where a destination's TLS is wrong or it sends elsewhere, by the destination's name. */
  readonly liars: Readonly<Record<string, LabServer>>;
  readonly guarded: {
    readonly url: string;
    readonly port: number;
    readonly dispatcher: Agent;
    readonly ca: string;
    readonly password: string;
  };
  readonly mutual: {
    readonly url: string;
    /** Clients with a certificate of the right authority, with one of another authority, and without. */
    readonly clients: Readonly<Record<"right" | "wrong" | "none", Agent>>;
  };
  /** Posts a notification of one alert, with the right token. */
  alert(labels: Readonly<Record<string, string>>, annotations?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

/** The pages of the two log lines that there are: one is markup, the other {@link GREEDIEST}. */
export const MARKUP_PATH = "/logs/logs-trial%2flab-0";
export const GREEDY_PATH = "/logs/logs-trial%2flab-1";

/** Starts everything on 127.0.0.1. The project must be built. */
export async function startSecuritySite(): Promise<SecuritySite> {
  const folder = await createTemporaryFolder("security");
  const authority = await createAuthority();
  const channels = await startChannels(folder.path);
  const elasticsearch = await startElasticsearchLab();
  elasticsearch.write("logs-trial", [
    { "@timestamp": new Date().toISOString(), message: MARKUP, log: { level: MARKUP } },
    { "@timestamp": new Date().toISOString(), message: GREEDIEST },
  ]);
  const trap = await startLabServer({ handler: () => ({ status: 200, body: "{}" }) });
  const liars = await startLiars(trap.url);
  const ports = (await freePorts(3)) as [number, number, number];
  const sections = everySection(channels, liars, elasticsearch.url);
  const password = "a password of the trial";
  await writeWebConfigs(folder.path, authority, password);
  const ca = authority.certificatePem;
  const dispatcher = new Agent({ connect: { ca } });
  const clients = await clientsOf(authority);
  const [url, guardedUrl, mutualUrl] = [
    `http://127.0.0.1:${ports[0]}`,
    `https://127.0.0.1:${ports[1]}`,
    `https://127.0.0.1:${ports[2]}`,
  ] as const;
  const start = (name: string, port: number, webConfig: string | undefined, asked: () => Promise<Answer>) =>
    serve(
      folder.path,
      name,
      { ...sections, server: { listen: `127.0.0.1:${port}`, ...(webConfig && { web_config_file: webConfig }) } },
      asked,
    );
  const [open, guarded, mutual] = await Promise.all([
    start("open", ports[0], undefined, () => ask(url, "/-/healthy")),
    start("guarded", ports[1], "web.yml", () => ask(guardedUrl, "/-/healthy", { dispatcher })),
    start("mutual", ports[2], "mutual.yml", () => ask(mutualUrl, "/-/healthy", { dispatcher: clients.right })),
  ]);
  return {
    folder: folder.path,
    url,
    port: ports[0],
    process: open,
    channels,
    trap,
    liars,
    guarded: { url: guardedUrl, port: ports[1], dispatcher, ca, password },
    mutual: { url: mutualUrl, clients },
    alert: (labels, annotations) => postAlert(url, trap.url, labels, annotations),
    async close() {
      await Promise.all([open, guarded, mutual].map((process) => process.stop()));
      await Promise.all([dispatcher, ...Object.values(clients)].map((client) => client.close()));
      await Promise.all([elasticsearch, trap, channels, ...Object.values(liars)].map((each) => each.close()));
      await folder.remove();
    },
  };
}

/** Every section of a configuration, but for the server's. */
const everySection = (channels: Channels, liars: Readonly<Record<string, LabServer>>, elasticsearchUrl: string) => ({
  log: { level: "debug" },
  targets: { vault: [{ name: "down", nodes: ["https://127.0.0.1:1"], auth: { method: "token", token: PLANTED } }] },
  prometheus: { url: "http://127.0.0.1:1", login: { type: "bearer", token: PLANTED } },
  slo: { specs: [join(packageRoot, "slo/vault.yaml")] },
  evidence: { elasticsearch: { nodes: [elasticsearchUrl], indices: ["logs-trial"] }, scrub: [GREEDY] },
  alerting: {
    sources: [
      { name: "main", credentials: [{ type: "bearer", token: PLANTED }] },
      {
        name: "signed",
        credentials: [{ type: "hmac", secret: PLANTED, timestamp_header: "x-grafana-alerting-timestamp" }],
      },
    ],
    destinations: [...channels.destinations, ...liarDestinations(liars, channels.mailPort, PLANTED)],
    route: {
      destinations: channels.destinations.map(({ name }) => name),
      routes: [
        { matchers: [`run=~"${GREEDY}"`], destinations: ["chat"] },
        { matchers: ['to="liars"'], destinations: [...Object.keys(liars), "mail-untrusted"] },
      ],
    },
  },
});

/** Writes `web.yml`, with TLS and a password, and `mutual.yml`, with TLS and client certificates. */
async function writeWebConfigs(folder: string, authority: Authority, password: string): Promise<void> {
  const own = await authority.issue({ hosts: ["127.0.0.1"] });
  await writeFile(join(folder, "web.pem"), own.certificatePem);
  await writeFile(join(folder, "web.key"), own.keyPem, { mode: 0o600 });
  await writeFile(join(folder, "clients.pem"), authority.certificatePem);
  const tls = { cert_file: "web.pem", key_file: "web.key" };
  const users = { reader: await hash(password, { cost: 4, version: "2y" }) };
  const webConfigs = {
    "web.yml": { tls_server_config: tls, basic_auth_users: users },
    "mutual.yml": {
      tls_server_config: { ...tls, client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "clients.pem" },
    },
  };
  for (const [name, content] of Object.entries(webConfigs)) await writeFile(join(folder, name), stringify(content));
}

async function clientsOf(authority: Authority): Promise<SecuritySite["mutual"]["clients"]> {
  const ca = authority.certificatePem;
  // other trials keep this process and the servers busy
  const timeout = 60_000;
  const clientOf = async (issuer: Authority): Promise<Agent> => {
    const { certificatePem: cert, keyPem: key } = await issuer.issue({ hosts: ["reader"], client: true });
    return new Agent({ connect: { ca, cert, key, timeout } });
  };
  return {
    right: await clientOf(authority),
    wrong: await clientOf(await createAuthority()),
    none: new Agent({ connect: { ca, timeout } }),
  };
}

async function serve(
  folder: string,
  name: string,
  config: object,
  asked: () => Promise<Answer>,
): Promise<RunningProcess> {
  await writeFile(join(folder, `${name}.yaml`), stringify({ ...config, store: { sqlite: { path: `${name}.db` } } }), {
    mode: 0o600,
  });
  return startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "serve", "--config", `${name}.yaml`],
    cwd: folder,
    // what people write to silence a certificate is not to count
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    ready: async () => [200, 401].includes((await asked()).status),
    deadlineMs: 60_000,
  });
}

function postAlert(
  url: string,
  trapUrl: string,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const told = alertmanagerWebhook([{ labels, annotations, startsAt: Date.now() }], { groupLabels: labels });
  const alerts = "alerts" in told && Array.isArray(told.alerts) ? (told.alerts as object[]) : [];
  const body = JSON.stringify({
    ...told,
    groupKey: `{}:{id="${createHash("sha256").update(JSON.stringify(labels)).digest("hex")}"}`,
    externalURL: `${trapUrl}/alertmanager`,
    alerts: alerts.map((one) => ({ ...one, generatorURL: `${trapUrl}/generator` })),
  });
  return ask(url, "/api/v1/webhooks/alertmanager/main", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${PLANTED}` },
    body,
  });
}
