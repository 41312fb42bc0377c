import { posix } from "node:path";
import { isAlertmanagerSource, renderAlertmanagerConfig } from "../alerting/configs/alertmanager-config.ts";
import type { WatchkeeperServer } from "../alerting/configs/http-client.ts";
import { renderPrometheusConfig } from "../alerting/configs/prometheus-config.ts";
import { renderWatchdogRule } from "../alerting/configs/watchdog-rule.ts";
import { sourceSchema } from "../config/alerting/source-schema.ts";
import type { AlertSource } from "../core/alerting-config.ts";
import type { Pack } from "../core/pack.ts";

/** What the configurations of Alertmanager and Prometheus are made of. */
export interface ServerConfigOptions {
  readonly server: WatchkeeperServer;
  /** Those of the configuration; those of the shipped example unless given. */
  readonly sources?: readonly AlertSource[];
  /** From the root; of plain rules. */
  readonly ruleFiles: readonly string[];
}

interface ServerConfig {
  readonly kind: "alertmanager" | "prometheus";
  readonly path: string;
  readonly text: string;
}

/** What the shipped files are for, in the words of the configuration. */
const EXAMPLE = {
  name: "homelab",
  credentials: [{ type: "bearer", token_file: "alertmanager-token" }],
  alertmanager: { urls: ["http://localhost:9093"] },
  watchdog: {},
};

const PROMETHEUS_FOLDER = "deploy/prometheus";
const WATCHDOG_FILE = "watchdog.yaml";
/** Where `watchkeeper slo generate` writes unless told otherwise. */
const SLO_RULES = "alerts/slo/*.yaml";

/**
 * One configuration of Alertmanager for each source that may be one, and one of Prometheus with the watchdog's rule.
 */
export function serverConfigs(packs: readonly Pack[], options: ServerConfigOptions): readonly ServerConfig[] {
  const { server, sources = [sourceSchema.parse(EXAMPLE)], ruleFiles } = options;
  const senders = sources.filter(isAlertmanagerSource);
  const prometheus = prometheusFiles(senders, server, ruleFiles);
  const alertmanager = senders.map((source): ServerConfig => ({
    kind: "alertmanager",
    path: `deploy/alertmanager/${senders.length === 1 ? "" : `${source.name}/`}alertmanager.yml`,
    text: renderAlertmanagerConfig(source, server, packs),
  }));
  return [...alertmanager, ...prometheus];
}

/** Alertmanager's configuration in the compose stack, where each service is reached by its name. */
export function composeAlertmanagerConfig(packs: readonly Pack[]): Pick<ServerConfig, "path" | "text"> {
  const url = "http://watchkeeper:9797";
  const server = { url, hasOwnCertificate: false, wantsClientCertificate: false, username: undefined };
  return {
    path: "deploy/compose/alertmanager/alertmanager.yml",
    text: renderAlertmanagerConfig(sourceSchema.parse(EXAMPLE), server, packs),
  };
}

function prometheusFiles(
  senders: readonly AlertSource[],
  server: WatchkeeperServer,
  ruleFiles: readonly string[],
): readonly ServerConfig[] {
  const [source, ...others] = senders.filter(({ alertmanager }) => alertmanager !== undefined);
  const watched = source ?? senders[0];
  const watchdog = watched?.watchdog && renderWatchdogRule(watched.name, watched.watchdog);
  const file = (name: string, text: string): ServerConfig => ({
    kind: "prometheus",
    path: `${PROMETHEUS_FOLDER}/${name}`,
    text,
  });
  const rules = [...ruleFiles, SLO_RULES].map((path) => posix.relative(PROMETHEUS_FOLDER, path));
  const text = renderPrometheusConfig({
    server,
    ruleFiles: watchdog === undefined ? rules : [...rules, WATCHDOG_FILE],
    source,
    others: others.map(({ name }) => name),
  });
  return [file("prometheus.yml", text), ...(watchdog === undefined ? [] : [file(WATCHDOG_FILE, watchdog)])];
}
