import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/bcrypt";
import { Agent } from "undici";
import { stringify } from "yaml";
import { startDiscordStandIn } from "../../src/lab/channels/discord/discord-stand-in.ts";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startTelegramStandIn } from "../../src/lab/channels/telegram/telegram-stand-in.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { alertmanagerWebhook } from "./alertmanager-webhook.ts";
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
/** Messages a minute that the emulated channels are sent at most: more than there are. */
const RATE = 6_000;

/** Two built processes with every feature on: one open on loopback, one behind TLS and a password. */
export interface SecuritySite {
  readonly folder: string;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
  readonly channels: Awaited<ReturnType<typeof startChannels>>;
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
  const ports = (await freePorts(2)) as [number, number];
  const config = (sections: object) => ({
    log: { level: "debug" },
    targets: { vault: [{ name: "down", nodes: ["https://127.0.0.1:1"], auth: { method: "token", token: PLANTED } }] },
    prometheus: { url: "http://127.0.0.1:1", login: { type: "bearer", token: PLANTED } },
    slo: { specs: [join(packageRoot, "slo/vault.yaml")] },
    evidence: { elasticsearch: { nodes: [elasticsearch.url], indices: ["logs-trial"] }, scrub: [GREEDY] },
    alerting: {
      sources: [
        { name: "main", credentials: [{ type: "bearer", token: PLANTED }] },
        {
          name: "signed",
          credentials: [{ type: "hmac", secret: PLANTED, timestamp_header: "x-grafana-alerting-timestamp" }],
        },
      ],
      destinations: [...channels.destinations, ...liarDestinations(liars, channels.mailPort)],
      route: {
        destinations: channels.destinations.map(({ name }) => name),
        routes: [
          { matchers: [`run=~"${GREEDY}"`], destinations: ["chat"] },
          { matchers: ['to="liars"'], destinations: [...Object.keys(liars), "mail-untrusted"] },
        ],
      },
    },
    ...sections,
  });

  const own = await authority.issue({ hosts: ["127.0.0.1"] });
  const password = "a password of the trial";
  await writeFile(join(folder.path, "web.pem"), own.certificatePem);
  await writeFile(join(folder.path, "web.key"), own.keyPem, { mode: 0o600 });
  const users = { reader: await hash(password, { cost: 4, version: "2y" }) };
  await writeFile(
    join(folder.path, "web.yml"),
    stringify({ tls_server_config: { cert_file: "web.pem", key_file: "web.key" }, basic_auth_users: users }),
  );
  const dispatcher = new Agent({ connect: { ca: authority.certificatePem } });
  const [url, guardedUrl] = [`http://127.0.0.1:${ports[0]}`, `https://127.0.0.1:${ports[1]}`];
  const [open, guarded] = await Promise.all([
    serve(folder.path, "open", config({ server: { listen: `127.0.0.1:${ports[0]}` } }), () => ask(url, "/-/healthy")),
    serve(
      folder.path,
      "guarded",
      config({ server: { listen: `127.0.0.1:${ports[1]}`, web_config_file: "web.yml" } }),
      () => ask(guardedUrl, "/-/healthy", { dispatcher }),
    ),
  ]);
  return {
    folder: folder.path,
    url,
    port: ports[0],
    process: open,
    channels,
    trap,
    liars,
    guarded: { url: guardedUrl, port: ports[1], dispatcher, ca: authority.certificatePem, password },
    alert: (labels, annotations) => postAlert(url, trap.url, labels, annotations),
    async close() {
      await Promise.all([open.stop(), guarded.stop(), dispatcher.close()]);
      await Promise.all([elasticsearch, trap, channels, ...Object.values(liars)].map((each) => each.close()));
      await folder.remove();
    },
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

/** Emulated chats and a mail server, which take what is well formed. */
async function startChannels(folder: string) {
  const [slack, discord, telegram, mail] = await Promise.all([
    startSlackStandIn(),
    startDiscordStandIn(),
    startTelegramStandIn({ chats: [{ id: 1, type: "private" }] }),
    startMailStandIn(),
  ]);
  await writeFile(join(folder, "mail-ca.pem"), mail.caPem);
  const people = { from: "alerts@example.org", to: ["on-call@example.org"] };
  return {
    slack,
    discord,
    telegram,
    mail,
    mailPort: mail.port,
    destinations: [
      { type: "slack", name: "chat", api_url: slack.url, token: slack.token, channel: "alerts", rate: RATE },
      { type: "discord", name: "discord", url: discord.url, rate: RATE },
      { type: "telegram", name: "telegram", api_url: telegram.url, token: telegram.token, chat_id: 1, rate: RATE },
      { type: "email", name: "mail", host: "127.0.0.1", port: mail.port, ca_file: "mail-ca.pem", ...people },
    ],
    close: async () => void (await Promise.all([slack, discord, telegram, mail].map((each) => each.close()))),
  };
}

/** Receivers that must not be trusted, or that lead to the trap. */
async function startLiars(trapUrl: string): Promise<Readonly<Record<string, LabServer>>> {
  const handler = () => ({ status: 200, body: "{}" });
  const stranger = await createAuthority();
  const untrusted = await startLabServer({ authority: stranger, handler });
  const redirecting = await startLabServer({
    handler: () => ({ status: 307, headers: { location: `${trapUrl}/stolen` }, body: "" }),
  });
  return { untrusted, redirecting };
}

const liarDestinations = (liars: Readonly<Record<string, LabServer>>, mailPort: number) => [
  ...Object.entries(liars).map(([name, { url }]) => ({
    type: "webhook",
    name,
    url: `${url}/hook`,
    headers: [{ name: "authorization", value: `Bearer ${PLANTED}` }],
  })),
  {
    type: "email",
    name: "mail-untrusted",
    host: "127.0.0.1",
    port: mailPort,
    from: "alerts@example.org",
    to: ["untrusted@example.org"],
  },
];

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
