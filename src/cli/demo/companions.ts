import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packs } from "../../collectors/index.ts";
import { outputs } from "../../app/outputs.ts";
import { loadSpecs } from "../../app/slo/specs.ts";
import { packageRoot } from "../../lib/package.ts";
import { printYaml } from "../../lib/yaml.ts";
import { notifiers } from "../../notifiers/index.ts";
import { renderSloRuleFile } from "../../slo/rules/files.ts";
import { sloRules } from "../../slo/rules/groups.ts";
import { findOnPath, startCompanion, type Companion } from "../companion.ts";

/** What runs beside Watchkeeper when it is on PATH. */
export interface Companions {
  readonly prometheus?: Companion | undefined;
  readonly alertmanager?: Companion | undefined;
}

/** What the companions are told. */
export interface CompanionsOptions {
  /** Folder for their files. */
  readonly dir: string;
  /** Watchkeeper's address. */
  readonly url: string;
  /** Where Alertmanager sends its webhooks. */
  readonly webhookUrl: string;
  started(companion: Companion): void;
}

/** The objectives that come along. */
export const DEMO_SLOS = join(packageRoot, "slo");

/**
 * Starts Prometheus, with the rules of alerts and objectives, and Alertmanager, which sends to Watchkeeper; as far as
 * they are on PATH.
 */
export async function startCompanions(options: CompanionsOptions): Promise<Companions> {
  const { dir, started } = options;
  const [prometheusPath, alertmanagerPath] = [await findOnPath("prometheus"), await findOnPath("alertmanager")];
  if (prometheusPath === undefined) return {};
  let alertmanager: Companion | undefined;
  if (alertmanagerPath !== undefined) {
    const config = await writeAlertmanagerConfig(options);
    alertmanager = await startCompanion("Alertmanager", alertmanagerPath, 9093, (listen) => [
      `--config.file=${config}`,
      `--storage.path=${join(dir, "alertmanager")}`,
      `--web.listen-address=${listen}`,
      "--cluster.listen-address=",
    ]);
    started(alertmanager);
  }
  const config = await writePrometheusConfig(options, alertmanager);
  const prometheus = await startCompanion("Prometheus", prometheusPath, 9090, (listen) => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(dir, "prometheus")}`,
    `--web.listen-address=${listen}`,
    "--log.level=error",
    // for what the shop measured
    "--web.enable-remote-write-receiver",
    "--enable-feature=exemplar-storage",
  ]);
  started(prometheus);
  return { prometheus, alertmanager };
}

async function writeAlertmanagerConfig({ dir, webhookUrl }: CompanionsOptions): Promise<string> {
  const file = join(dir, "alertmanager.yml");
  const route = { receiver: "watchkeeper", group_by: ["alertname"], group_wait: "1s", group_interval: "5s" };
  const receiver = { name: "watchkeeper", webhook_configs: [{ url: webhookUrl, send_resolved: true }] };
  await writeFile(file, printYaml({ route, receivers: [receiver] }));
  return file;
}

async function writePrometheusConfig(
  { dir, url }: CompanionsOptions,
  alertmanager: Companion | undefined,
): Promise<string> {
  const rules = outputs(packs, notifiers, { format: "prometheus", externalUrl: url }).filter(
    ({ kind }) => kind === "rules",
  );
  const { sound } = await loadSpecs([DEMO_SLOS]);
  const objectives = renderSloRuleFile(sloRules(sound, { externalUrl: url }));
  const files = await Promise.all(
    [...rules.map(({ text }) => text), objectives].map(async (text, i) => {
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
      // what the shop measured before it is sent when other samples are there already
      storage: { tsdb: { out_of_order_time_window: "3h" } },
      ...(alertmanager && { alerting: { alertmanagers: targetsOf(alertmanager.url) } }),
    }),
  );
  return config;
}
