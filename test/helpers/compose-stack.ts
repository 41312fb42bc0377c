import { join } from "node:path";
import { request } from "undici";
import { startNtfyStandIn } from "../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import type { ChannelStandIn } from "../../src/lab/channels/stand-in.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { readComposeFile } from "./compose-file.ts";
import { placeServices, type PlacedService, type PlacedServices } from "./compose-place.ts";
import { startElasticsearch, type ElasticsearchServer } from "./elasticsearch.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { runProgram, startProcess, type RunningProcess } from "./process.ts";
import { requireProgram } from "./programs.ts";

const SERVICES = ["watchkeeper", "alert-rules", "slo-rules", "prometheus", "alertmanager"] as const;
type Service = (typeof SERVICES)[number];

/** The token that Alertmanager shows and Watchkeeper asks for. */
export const WEBHOOK_TOKEN = "planted-token-of-the-webhook";

/**
 * The services of the compose file for which there are programs, started from its files, and what stands in for others.
 */
export interface ComposeStack extends PlacedServices<Service> {
  readonly urls: Readonly<Record<"watchkeeper" | "prometheus" | "alertmanager", string>>;
  readonly elasticsearch: ElasticsearchServer;
  /** Where messages are told. */
  readonly phone: ChannelStandIn;
  /** Takes OTLP in the place of the OpenTelemetry Collector. */
  readonly collector: LabServer;
  readonly watchkeeper: RunningProcess;
  readonly prometheus: RunningProcess;
  /** Parsed JSON of an answer; an error when its status is not 200. */
  get(url: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Where everything is. */
interface Places {
  readonly watchkeeper: number;
  readonly prometheus: number;
  readonly alertmanager: number;
  readonly elasticsearch: number;
  readonly collector: number;
  readonly phone: string;
}

/** Waits are shortened: how often Prometheus looks, and how long Alertmanager gathers. */
async function placeStack(folder: string, at: Places): Promise<PlacedServices<Service>> {
  const [tempo = 0, grafana = 0, ofCollector = 0] = await freePorts(3);
  return placeServices(readComposeFile(), SERVICES, {
    folder,
    ports: {
      "watchkeeper:9797": at.watchkeeper,
      "prometheus:9090": at.prometheus,
      "localhost:9090": at.prometheus,
      "alertmanager:9093": at.alertmanager,
      "elasticsearch:9200": at.elasticsearch,
      "otel-collector:4318": at.collector,
      // nothing listens there
      "tempo:3200": tempo,
      "grafana:3000": grafana,
      "otel-collector:8888": ofCollector,
    },
    texts: [
      ['listen: ":9797"', `listen: "127.0.0.1:${at.watchkeeper}"`],
      ["scrape_interval: 30s", "scrape_interval: 1s"],
      ["evaluation_interval: 30s", "evaluation_interval: 1s"],
      ["group_wait: 10s", "group_wait: 1s"],
      ["group_interval: 1m", "group_interval: 1s"],
    ],
    secrets: { "webhook-token": WEBHOOK_TOKEN, "elasticsearch-reader-password": "planted-password" },
    env: { NTFY_TOPIC: "watchkeeper-trial", NTFY_URL: at.phone },
  });
}

/** Starts the stack. The project must be built. */
export async function startComposeStack(): Promise<ComposeStack> {
  const folder = await createTemporaryFolder("compose");
  const opened: (() => Promise<unknown>)[] = [() => folder.remove()];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one();
  };
  try {
    const elasticsearch = await startElasticsearch();
    opened.push(() => elasticsearch.stop());
    const phone = await startNtfyStandIn();
    opened.push(() => phone.close());
    const collector = await startLabServer({ handler: () => ({ status: 200, body: "{}" }) });
    opened.push(() => collector.close());
    const [watchkeeper = 0, prometheus = 0, alertmanager = 0] = await freePorts(3);
    const { services, changes } = await placeStack(folder.path, {
      watchkeeper,
      prometheus,
      alertmanager,
      elasticsearch: Number(new URL(elasticsearch.url).port),
      collector: collector.port,
      phone: phone.url,
    });
    await Promise.all([services["alert-rules"], services["slo-rules"]].map(runToItsEnd));
    const start = async (port: number, { env }: PlacedService, command: string, args: readonly string[]) => {
      const url = `http://127.0.0.1:${port}`;
      const ready = async (): Promise<boolean> => (await request(`${url}/-/ready`)).statusCode === 200;
      const running = await startProcess({ command, args, cwd: folder.path, env, ready, deadlineMs: 60_000 });
      opened.push(() => running.stop());
      return { url, running };
    };
    const startServer = (name: "alertmanager" | "prometheus", port: number) =>
      start(port, services[name], requireProgram(name), [
        ...services[name].command,
        `--web.listen-address=127.0.0.1:${port}`,
      ]);
    const ours = await start(watchkeeper, services.watchkeeper, process.execPath, [
      PROGRAM,
      ...services.watchkeeper.command,
    ]);
    const { url: alertmanagerUrl } = await startServer("alertmanager", alertmanager);
    const theirs = await startServer("prometheus", prometheus);
    return {
      services,
      changes,
      urls: { watchkeeper: ours.url, prometheus: theirs.url, alertmanager: alertmanagerUrl },
      elasticsearch,
      phone,
      collector,
      watchkeeper: ours.running,
      prometheus: theirs.running,
      get: getJson,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const PROGRAM = join(packageRoot, "dist/cli/main.js");

async function runToItsEnd({ command, env }: PlacedService): Promise<void> {
  const { code, stderr } = await runProgram(process.execPath, [PROGRAM, ...command], { env });
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
}

async function getJson(url: string): Promise<unknown> {
  const { statusCode, body } = await request(url);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}: ${text}`);
  return JSON.parse(text);
}
