import type { EchoLab } from "./echo-lab.ts";

/** How many skeletons there are: together they have every branch of every union. */
export const SKELETONS = 4;

/** What a skeleton names besides the lab. */
export interface SkeletonFiles {
  /** A kubeconfig, a key store, a token of Kubernetes and a specification of an SLO. */
  readonly kubeconfig: string;
  readonly keyStore: string;
  readonly jwt: string;
  readonly slo: string;
}

const login = (nth: number): object => (nth % 2 === 0 ? { type: "bearer" } : { type: "basic", username: "watcher" });

/**
 * Settings with all that may have a secret, without the secrets; `nth` chooses the branches of what stands there once.
 */
export function skeletonOf(lab: EchoLab, files: SkeletonFiles, nth: number): object {
  const { url } = lab.plain;
  const isElasticsearchKey = nth < 2;
  return {
    targets: targets(lab, files),
    alerting: {
      sources: [
        { name: "bearer", credentials: [{ type: "bearer" }], alertmanager: { urls: [`${url}/am`], login: login(nth) } },
        { name: "basic", credentials: [{ type: "basic", username: "watcher" }] },
        { name: "hmac", credentials: [{ type: "hmac" }] },
      ],
      destinations: destinations(lab),
      route: { destinations: destinations(lab).map(({ name }) => name) },
      dead_man: { every: "10s" },
    },
    prometheus: { url: `${url}/prometheus`, login: login(nth) },
    slo: { specs: [files.slo] },
    evidence: {
      elasticsearch: {
        nodes: [`${url}/elasticsearch`],
        ...(isElasticsearchKey ? {} : { api_key: null, login: login(nth) }),
      },
      traces: { kind: nth % 2 === 0 ? "tempo" : "jaeger", url: `${url}/traces`, login: login(nth >> 1) },
      prometheus: { url: `${url}/metrics-of-others`, login: login(nth) },
    },
    grafana: { url: `${url}/grafana`, login: login(nth) },
    tracing: { endpoint: lab.spans.url, headers: [{ name: "Authorization" }, { name: "X-Api-Key" }] },
  };
}

/** Settings whose store is a PostgreSQL, which stands in the place of SQLite. */
export const postgresSkeleton = (lab: EchoLab): object => ({
  alerting: {
    sources: [{ name: "main" }],
    destinations: [{ type: "gotify", name: "gotify", url: `${lab.plain.url}/gotify` }],
    route: { destinations: ["gotify"] },
  },
  store: { postgres: {} },
});

function targets({ plain, secure, untrusted }: EchoLab, files: SkeletonFiles): object {
  const auths = [
    { method: "token" },
    { method: "approle", role_id: "watcher" },
    { method: "kubernetes", role: "watcher", jwt_file: files.jwt },
  ];
  const vaults = auths.map((auth) => ({ name: auth.method, nodes: [`${plain.url}/${auth.method}`], auth }));
  const servers = { trusted: secure.url, untrusted: untrusted.url };
  const each = (of: (name: string, url: string) => object): object[] =>
    Object.entries(servers).map(([name, url]) => of(name, url));
  return {
    certificates: [
      {
        name: "certificates",
        files: [{ paths: [files.keyStore] }],
        urls: [{ url: `${plain.url}/chain.pem` }],
        kubernetes: [{ name: "cluster", kubeconfig_file: files.kubeconfig, namespaces: ["default"] }],
        vault: vaults.map((one) => ({ ...one, mounts: ["pki"], list: "all" })),
      },
    ],
    proxmox: each((name, url) => ({ name, nodes: [url], token_id: "watcher@pve!metrics" })),
    "proxmox-backup": each((name, url) => ({ name, url, token_id: "watcher@pbs!metrics" })),
    truenas: each((name, url) => ({ name, url, ...(name === "trusted" && { username: "watcher" }) })),
    vault: vaults,
  };
}

function destinations({ plain: { url }, mailPort }: EchoLab): readonly { readonly name: string }[] {
  const email = { host: "127.0.0.1", port: mailPort, tls: "none", username: "watcher" };
  const entries = [
    { type: "slack", name: "slack", channel: "C0123456789", api_url: `${url}/slack` },
    { type: "slack-webhook", name: "slack-webhook" },
    { type: "pagerduty", name: "pagerduty", api_url: `${url}/pagerduty` },
    { type: "pagerduty-change", name: "pagerduty-change", api_url: `${url}/pagerduty` },
    { type: "email", name: "email", ...email, from: "watcher@example.org", to: ["people@example.org"] },
    { type: "discord", name: "discord" },
    { type: "webhook", name: "webhook", headers: [{ name: "Authorization" }, { name: "X-Api-Key" }] },
    { type: "ntfy", name: "ntfy-token", url: `${url}/ntfy`, topic: "alerts", password: null },
    { type: "ntfy", name: "ntfy-password", url: `${url}/ntfy`, topic: "alerts", token: null, username: "watcher" },
    { type: "telegram", name: "telegram", chat_id: 1, api_url: `${url}/telegram` },
    { type: "gotify", name: "gotify", url: `${url}/gotify` },
  ];
  return entries;
}
