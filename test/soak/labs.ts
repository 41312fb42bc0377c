import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import { startNtfyStandIn } from "../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startProxmoxBackupLab } from "../../src/lab/proxmox-backup/proxmox-backup-lab.ts";
import { startProxmoxLab } from "../../src/lab/proxmox/proxmox-lab.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { startTrueNasLab } from "../../src/lab/truenas/truenas-lab.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import { freePorts } from "../helpers/free-ports.ts";
import type { LabAnswers, LabOrder, LabReply } from "./labs-process.ts";

// The process of all that the service under test talks to. It is told what to do by its parent, and ends with it.

const VAULT_TOKEN = "vault-token";
const dir = process.argv[2] ?? ".";
const TRIES = 5;

/** Starts what is stopped and started later at a port that nobody takes meanwhile. */
async function atOwnPort<T>(start: (options: { readonly port: number }) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const [port] = (await freePorts(1)) as [number];
    try {
      return await start({ port });
    } catch (thrown) {
      const isTaken = thrown instanceof Error && "code" in thrown && thrown.code === "EADDRINUSE";
      if (!isTaken || tries === TRIES) throw thrown;
    }
  }
}

const [vault, proxmox, backup, nas, certificates, slack, webhook, ntfy, elasticsearch, tempo, prometheus] =
  await Promise.all([
    startVaultLab(),
    atOwnPort(startProxmoxLab),
    atOwnPort(startProxmoxBackupLab),
    atOwnPort(startTrueNasLab),
    startCertificatesLab(),
    atOwnPort(startSlackStandIn),
    atOwnPort(startWebhookStandIn),
    atOwnPort(startNtfyStandIn),
    startElasticsearchLab(),
    startTempoLab(),
    startLabServer({ handler: answerAsPrometheus }),
  ]);

/** One sample for every query: budgets are read, and each has something left. */
async function answerAsPrometheus({ path }: { readonly path: string }) {
  const at = Date.now() / 1_000;
  const data: Readonly<Record<string, unknown>> = {
    "/api/v1/query": { resultType: "vector", result: [{ metric: {}, value: [at, "0.001"] }] },
    "/api/v1/query_range": { resultType: "matrix", result: [] },
    "/api/v1/rules": { groups: [] },
    "/api/v1/alerts": { alerts: [] },
  };
  const body = JSON.stringify({ status: "success", data: data[path] ?? [] });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

vault.writePolicy("reader", 'path "*" { capabilities = ["read", "list", "sudo"] }');
const login = vault.enableAppRole({ policies: ["reader"], ttl: 3_600, maxTtl: 4 * 3_600 });
let vaultToken = vault.createToken({ policies: ["reader"], ttl: 30 * 86_400 });

const nodes = { vault: vault.nodes, proxmox: proxmox.nodes };
const SYSTEMS: Readonly<Record<string, readonly { stop(): Promise<void>; start(): Promise<void> }[]>> = {
  // as a restart leaves it, but that it answers
  vault: nodes.vault.map((node) => ({ stop: async () => node.seal(), start: async () => node.unseal() })),
  proxmox: nodes.proxmox,
  "proxmox-backup": [backup],
  truenas: [nas],
  ...Object.fromEntries(
    [slack, webhook, ntfy].map((channel) => [
      channel.type,
      [
        {
          stop: () => channel.setFault({ kind: "refused" }),
          start: () => channel.setFault(undefined),
        },
      ],
    ]),
  ),
};

async function writeFiles(): Promise<void> {
  const files = {
    "vault-ca.pem": vault.caPem,
    [VAULT_TOKEN]: vaultToken,
    "vault-secret-id": login.secretId,
    "proxmox-ca.pem": proxmox.caPem,
    "proxmox-token": proxmox.tokenSecret,
    "backup-ca.pem": backup.caPem,
    "backup-token": backup.tokenSecret,
    "nas-ca.pem": nas.caPem,
    "nas-key": nas.apiKey,
    "slack-token": slack.token,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 });
}

async function targets(): Promise<Readonly<Record<string, readonly object[]>>> {
  const folder = join(dir, "certificates");
  await mkdir(folder);
  const vaults = { nodes: nodes.vault.map(({ url }) => url), ca_file: "vault-ca.pem" };
  return {
    vault: [
      { name: "vault-token", ...vaults, auth: { method: "token", token_file: VAULT_TOKEN } },
      {
        name: "vault-approle",
        ...vaults,
        auth: { method: "approle", role_id: login.roleId, secret_id_file: "vault-secret-id" },
      },
    ],
    proxmox: [
      {
        name: "pve",
        nodes: nodes.proxmox.map(({ url }) => url),
        ca_file: "proxmox-ca.pem",
        token_id: proxmox.tokenId,
        token_secret_file: "proxmox-token",
        smart: true,
      },
    ],
    "proxmox-backup": [
      {
        name: "pbs",
        url: backup.url,
        ca_file: "backup-ca.pem",
        token_id: backup.tokenId,
        token_secret_file: "backup-token",
      },
    ],
    truenas: [{ name: "nas", url: nas.url, ca_file: "nas-ca.pem", username: nas.username, api_key_file: "nas-key" }],
    certificates: [await certificatesTarget(folder)],
  };
}

/** Without the server that never answers: each look at it takes two seconds of real time. */
async function certificatesTarget(folder: string): Promise<object> {
  const target = (await certificates.target(folder)) as {
    readonly endpoints: readonly { readonly urls: readonly string[] }[];
  };
  const { url } = certificates.endpoints.silent;
  return {
    ...target,
    endpoints: target.endpoints.filter(({ urls }) => !urls.some((one) => one.endsWith(new URL(url).host))),
  };
}

/** The sections of a configuration that has all of it, paths being relative to the folder. */
async function settings(): Promise<LabAnswers["settings"]> {
  return {
    targets: await targets(),
    // named as what can be stopped
    destinations: [
      {
        name: slack.type,
        type: "slack",
        api_url: slack.url,
        token_file: "slack-token",
        channel: slack.channelId("alerts"),
      },
      { name: webhook.type, type: "webhook", url: `${webhook.url}/alerts` },
      { name: ntfy.type, type: "ntfy", url: ntfy.url, topic: "alerts" },
    ],
    evidence: {
      elasticsearch: { nodes: [elasticsearch.url], indices: ["logs-shop"] },
      traces: { kind: "tempo", url: tempo.url },
      prometheus: { url: prometheus.url },
    },
    prometheus: { url: prometheus.url },
  };
}

const answers: { readonly [K in keyof LabAnswers]: (what?: string) => Promise<LabAnswers[K]> } = {
  settings,
  systems: async () => Object.keys(SYSTEMS),
  stop: async (what = "") => void (await Promise.all((SYSTEMS[what] ?? []).map((one) => one.stop()))),
  start: async (what = "") => void (await Promise.all((SYSTEMS[what] ?? []).map((one) => one.start()))),
  async rotate() {
    const former = vaultToken;
    vaultToken = vault.createToken({ policies: ["reader"], ttl: 30 * 86_400 });
    await writeFile(join(dir, VAULT_TOKEN), vaultToken);
    vault.revoke(former);
  },
  told: async () =>
    Object.fromEntries(
      [slack, webhook, ntfy].map((channel) => [
        channel.type,
        channel.messages().map(({ title, text, isClosed }) => ({ text: `${title}\n${text}`, isClosed })),
      ]),
    ),
};

await writeFiles();
process.on("message", ({ id, name, what }: LabOrder) => {
  const reply = (text: LabReply): void => void process.send?.(text);
  answers[name](what).then(
    (answer) => reply({ id, answer }),
    (thrown: unknown) => reply({ id, failure: String(thrown) }),
  );
});
process.once("disconnect", () => process.exit(0));
process.send?.({ id: 0 } satisfies LabReply);
