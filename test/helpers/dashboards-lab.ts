import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadSpecs } from "../../src/app/slo/specs.ts";
import { startDemoChannels } from "../../src/cli/demo/channels.ts";
import { startDemoSystems } from "../../src/cli/demo/systems.ts";
import { packs } from "../../src/collectors/index.ts";
import { playIncidents } from "../../src/lab/incident/play.ts";
import { webhookSender } from "../../src/lab/incident/sender.ts";
import { createLogger } from "../../src/lib/log.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { notifiers } from "../../src/notifiers/index.ts";
import { startService } from "../../src/server/start-service.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startPrometheus } from "./prometheus.ts";
import { startSpanExporter } from "./span-exporter.ts";

/** How often everything is scraped, and rules are evaluated, in seconds. */
export const SCRAPE_SECONDS = 2;

/** A real Prometheus that reads Watchkeeper, which polls every emulated system of the demo. */
export interface DashboardsLab {
  /** Of Prometheus. */
  readonly url: string;
  /** What Watchkeeper serves to it, now. */
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

/** What is open is closed from the last to the first. */
type Closing = (() => Promise<unknown>)[];

/**
 * Starts the demo's systems and channels, Watchkeeper between them, something for Tempo, and Prometheus with all rules.
 */
export async function startDashboardsLab(): Promise<DashboardsLab> {
  const closing: Closing = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const folder = await createTemporaryFolder("dashboards");
    closing.push(() => folder.remove());
    const service = await startWatchkeeper(folder.path, closing);
    const spans = await startSpanExporter();
    closing.push(() => spans.close());
    const prometheus = await startPrometheus({
      config: { scrape_configs: [job("watchkeeper", new URL(service.url).host), job("tempo", spans.host)] },
      ruleFiles: [join(packageRoot, "alerts/rules/*.yaml"), await writeSloRules(folder.path)],
      evaluationInterval: `${SCRAPE_SECONDS}s`,
    });
    closing.push(() => prometheus.stop());
    return { url: prometheus.url, metricsUrl: `${service.url}/metrics`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The incident that is played makes a destination fail. */
const silently = () => createLogger({ level: "silent", format: "json" });

const job = (job_name: string, target: string) => ({ job_name, static_configs: [{ targets: [target] }] });

async function startWatchkeeper(dir: string, closing: Closing): Promise<{ readonly url: string }> {
  const systems = await startDemoSystems(dir);
  closing.push(() => systems.close());
  const channels = await startDemoChannels(dir);
  closing.push(() => channels.close());
  const file = join(dir, "watchkeeper.yaml");
  const server = { listen: "127.0.0.1:0" };
  const config = {
    server,
    log: { level: "error", format: "text" },
    targets: systems.targets,
    alerting: channels.alerting,
  };
  await writeFile(file, printYaml(config));
  const service = await startService({ packs, notifiers, file, env: {}, log: silently });
  closing.push(() => service.stop());
  await systems.breakSomething();
  const ending = new AbortController();
  const playing = playIncidents({
    sender: webhookSender(`${service.url}/api/v1/webhooks/alertmanager/demo`),
    setChat: (state) => channels.setChat(state),
    narrate: () => undefined,
    signal: ending.signal,
  });
  closing.push(() => {
    ending.abort();
    return playing;
  });
  return service;
}

/** The objectives that come with Watchkeeper; their groups are evaluated as often as all others. */
async function writeSloRules(dir: string): Promise<string> {
  const { sound } = await loadSpecs([join(packageRoot, "slo")]);
  const groups = sloRules(sound, { externalUrl: "https://watchkeeper.example.org" });
  const file = join(dir, "slo-rules.yaml");
  await writeFile(file, renderSloRuleFile(groups.map(({ name, rules }) => ({ name, rules }))));
  return file;
}
