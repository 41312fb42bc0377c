import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { createTemporaryFolder } from "./janitor.ts";
import { runProgram, type RunOptions, type RunResult } from "./process.ts";
import { requireProgram } from "./programs.ts";
import { startWebServer } from "./web-server.ts";

/** The content of a configuration file: YAML text, or the object that the text would hold. */
export type YamlConfig = string | Readonly<Record<string, unknown>>;

/** What to start Prometheus with. */
export interface PrometheusOptions {
  /** https://prometheus.io/docs/prometheus/latest/configuration/configuration/; nothing is scraped without. */
  readonly config?: YamlConfig;
  /** Absolute paths, added to the `rule_files` of the configuration. */
  readonly ruleFiles?: readonly string[];
  /**
   * The folder to write the configuration into, from which its relative paths count; one of its own unless told
   * otherwise.
   */
  readonly dir?: string;
  /** How often to scrape and to evaluate rules when the configuration does not say; "1s" unless told otherwise. */
  readonly evaluationInterval?: string;
}

/** One series of an instant query, at its value. */
export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An alert as Prometheus sees it: `state` is pending or firing. */
export type PrometheusAlert = z.infer<typeof promAlert>;
/** An active target: `health` is up, down or unknown. */
export type PrometheusTarget = z.infer<typeof promTarget>;
/** An alert as Alertmanager sees it: `status.state` is active, suppressed or unprocessed. */
export type AlertmanagerAlert = z.infer<typeof amAlert>;

/** A running Prometheus on 127.0.0.1. */
export interface PrometheusServer {
  readonly url: string;
  /** An instant query; an error when Prometheus refuses it, with its words. */
  query(promql: string): Promise<PrometheusSample[]>;
  alerts(): Promise<PrometheusAlert[]>;
  targets(): Promise<PrometheusTarget[]>;
  /**
   * Has the configuration read again, another one when it is given; an error when Prometheus refuses it, with its
   * words.
   */
  reload(config?: YamlConfig): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

/** What to start Alertmanager with. */
export interface AlertmanagerOptions {
  readonly config: YamlConfig;
  /**
   * The folder to write the configuration into, from which its relative paths count; one of its own unless told
   * otherwise.
   */
  readonly dir?: string;
  /** Makes it a node of a cluster, with short times for gossip; it is alone unless told otherwise. */
  readonly cluster?: ClusterOptions;
}

/** Ports of 127.0.0.1 at which nodes of a cluster speak to each other. */
export interface ClusterOptions {
  readonly port: number;
  readonly peers: readonly number[];
}

/**
 * An alert as it is sent to Alertmanager; times are Unix milliseconds, and one without an end fires for five minutes.
 */
export interface SentAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt?: number;
}

/** A running Alertmanager on 127.0.0.1. */
export interface AlertmanagerServer {
  readonly url: string;
  alerts(): Promise<AlertmanagerAlert[]>;
  /** Takes alerts in as from Prometheus. */
  send(alerts: readonly SentAlert[]): Promise<void>;
  /** Silences, for an hour, what has all these labels; gives the silence's id. */
  silence(labels: Readonly<Record<string, string>>, comment: string): Promise<string>;
  /** The names of the nodes that see each other; none of one that is alone. */
  peers(): Promise<string[]>;
  output(): string;
  stop(): Promise<void>;
}

const labels = z.record(z.string(), z.string());
const promAlert = z.object({ labels, annotations: labels, state: z.string(), activeAt: z.string(), value: z.string() });
const promTarget = z.object({
  labels,
  health: z.string(),
  lastError: z.string(),
  scrapeUrl: z.string(),
  scrapePool: z.string(),
});
const amAlert = z.object({
  labels,
  annotations: labels,
  startsAt: z.string(),
  endsAt: z.string(),
  status: z.object({ state: z.string() }),
});
const amStatus = z.object({
  cluster: z.object({ peers: z.array(z.object({ name: z.string() })).default([]) }),
});
const value = z.tuple([z.number(), z.string()]);
const queryAnswer = z.discriminatedUnion("resultType", [
  z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: labels, value })) }),
  z.object({ resultType: z.literal("scalar"), result: value }),
]);

/** Starts Prometheus on a free port with an empty database, and waits until it is ready. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const folder = await createTemporaryFolder("prometheus");
  const configFile = join(options.dir ?? folder.path, "prometheus.yml");
  const write = (config: YamlConfig): Promise<void> => writeFile(configFile, completed(config, options));
  await write(options.config ?? {});
  const server = await startWebServer({
    command: requireProgram("prometheus"),
    args: [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder.path, "data")}`, "--web.enable-lifecycle"],
    folder,
  });
  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    z.object({ data: schema }).parse(await server.get(`/api/v1/${path}`)).data;
  return {
    ...server,
    query: async (promql) => {
      const answer = await ask(`query?${new URLSearchParams({ query: promql }).toString()}`, queryAnswer);
      if (answer.resultType === "scalar") return [{ labels: {}, value: sampleValue(answer.result) }];
      return answer.result.map((series) => ({ labels: series.metric, value: sampleValue(series.value) }));
    },
    alerts: async () => (await ask("alerts", z.object({ alerts: z.array(promAlert) }))).alerts,
    targets: async () =>
      (await ask("targets?state=active", z.object({ activeTargets: z.array(promTarget) }))).activeTargets,
    reload: async (config) => {
      if (config !== undefined) await write(config);
      await server.post("/-/reload");
    },
  };
}

/** Starts Alertmanager on a free port, and waits until it is ready. */
export async function startAlertmanager({ config, dir, cluster }: AlertmanagerOptions): Promise<AlertmanagerServer> {
  const folder = await createTemporaryFolder("alertmanager");
  const configFile = join(dir ?? folder.path, "alertmanager.yml");
  await writeFile(configFile, typeof config === "string" ? config : stringify(config));
  const server = await startWebServer({
    command: requireProgram("alertmanager"),
    args: [`--config.file=${configFile}`, `--storage.path=${join(folder.path, "data")}`, ...clusterArgs(cluster)],
    folder,
  });
  return {
    ...server,
    alerts: async () => z.array(amAlert).parse(await server.get("/api/v2/alerts")),
    send: async (alerts) => {
      const time = (at: number | undefined): string | undefined =>
        at === undefined ? undefined : new Date(at).toISOString();
      const sent = alerts.map(({ startsAt, endsAt, ...alert }) => ({
        ...alert,
        startsAt: time(startsAt),
        endsAt: time(endsAt),
      }));
      await postJson(`${server.url}/api/v2/alerts`, sent);
    },
    silence: async (matched, comment) => {
      const text = await postJson(`${server.url}/api/v2/silences`, {
        matchers: Object.entries(matched).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy: "ops",
        comment,
      });
      return z.object({ silenceID: z.string() }).parse(JSON.parse(text)).silenceID;
    },
    peers: async () => amStatus.parse(await server.get("/api/v2/status")).cluster.peers.map(({ name }) => name),
  };
}

function clusterArgs(cluster: ClusterOptions | undefined): readonly string[] {
  if (cluster === undefined) return ["--cluster.listen-address="];
  return [
    `--cluster.listen-address=127.0.0.1:${cluster.port}`,
    ...cluster.peers.map((port) => `--cluster.peer=127.0.0.1:${port}`),
    "--cluster.gossip-interval=50ms",
    "--cluster.pushpull-interval=500ms",
    "--cluster.probe-interval=500ms",
    "--cluster.settle-timeout=5s",
    "--cluster.peer-timeout=2s",
  ];
}

async function postJson(url: string, body: object): Promise<string> {
  const answer = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`POST ${url} was answered ${answer.statusCode}: ${text}`);
  return text;
}

/** Runs promtool to its end. */
export function promtool(args: readonly string[], options?: RunOptions): Promise<RunResult> {
  return runProgram(requireProgram("promtool"), args, options);
}

/** Runs amtool to its end. */
export function amtool(args: readonly string[], options?: RunOptions): Promise<RunResult> {
  return runProgram(requireProgram("amtool"), args, options);
}

const looseConfig = z.looseObject({
  global: z.looseObject({}).default({}),
  rule_files: z.array(z.string()).default([]),
});

function completed(config: YamlConfig, { ruleFiles = [], evaluationInterval = "1s" }: PrometheusOptions): string {
  const { global, rule_files, ...rest } = looseConfig.parse(
    typeof config === "string" ? (parse(config) ?? {}) : config,
  );
  return stringify({
    global: {
      scrape_interval: evaluationInterval,
      scrape_timeout: evaluationInterval,
      evaluation_interval: evaluationInterval,
      ...global,
    },
    rule_files: [...rule_files, ...ruleFiles],
    ...rest,
  });
}

/**
 * Prometheus writes infinities as "+Inf" and "-Inf":
 * https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
 */
function sampleValue([, text]: readonly [number, string]): number {
  return Number(text.replace("Inf", "Infinity"));
}
