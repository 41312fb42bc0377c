import type { AlertmanagerApi, AlertSource } from "../../core/alerting-config.ts";
import { printYaml } from "../../lib/yaml.ts";
import {
  alertmanagerClient,
  neededFilesText,
  watchkeeperClient,
  type HttpClient,
  type WatchkeeperServer,
} from "./http-client.ts";

/** What a Prometheus is to do for Watchkeeper. */
export interface PrometheusConfigOptions {
  readonly server: WatchkeeperServer;
  /** Paths and patterns, from the folder of the configuration. */
  readonly ruleFiles: readonly string[];
  /** The source whose Alertmanager is sent the alerts; without one, or without its address, they are sent nowhere. */
  readonly source: AlertSource | undefined;
  /** Names of sources that have an Alertmanager too and are left out. */
  readonly others: readonly string[];
}

const INTERVAL = "30s";

/**
 * The whole configuration of a Prometheus that scrapes Watchkeeper, evaluates its rules and sends its alerts.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function renderPrometheusConfig({ server, ruleFiles, source, others }: PrometheusConfigOptions): string {
  const scraped = watchkeeperClient(server);
  const api = source?.alertmanager;
  const alertmanagers = (api?.urls ?? []).map((url) => ({
    url,
    client: alertmanagerClient(api as AlertmanagerApi, url),
  }));
  return [
    head([scraped, ...alertmanagers.map(({ client }) => client)]),
    INTERVAL_REASONS + printYaml({ global: { scrape_interval: INTERVAL, evaluation_interval: INTERVAL } }),
    RULE_REASONS + printYaml({ rule_files: ruleFiles }),
    SCRAPE_REASONS +
      (server.mayBeReplicas === true ? REPLICAS_REASONS : "") +
      printYaml({ scrape_configs: [scrapeConfig(server, scraped)] }),
    alertmanagers.length === 0
      ? NO_ALERTMANAGER
      : sendReasons(others) + printYaml({ alerting: { alertmanagers: byAddress(alertmanagers) } }),
  ].join("\n");
}

const head = (clients: readonly HttpClient[]): string =>
  `# Written by \`watchkeeper generate prometheus\`: a whole configuration for Prometheus; or take from it what yours lacks.
# Paths count from the folder of this file: make them absolute when it is put elsewhere. \`promtool check config\` names
# the rule files that are missing.
${neededFilesText(clients.flatMap(({ files }) => files))}#
# What is no setting but an option of Prometheus' command line:
# --enable-feature=exemplar-storage keeps exemplars, by which a graph leads to a trace.
# --web.enable-remote-write-receiver takes what Tempo's metrics-generator writes, for the dashboard of one service.
`;

const INTERVAL_REASONS = `# Watchkeeper polls most things once a minute and the quickest every 15 seconds; the rules of objectives read counters
# every 30 seconds.
`;

const RULE_REASONS = `# What \`watchkeeper generate rules\` and \`watchkeeper slo generate\` write.
`;

const SCRAPE_REASONS = `# One job for all systems: Watchkeeper polls them and answers from memory, and no rule asks for what another program
# serves. None of its series has a label job or instance of its own, so that honor_labels is not needed.
`;

const REPLICAS_REASONS = `# Replicas divide the targets: name each of them here by an address of its own, and nothing that balances between them.
# Their series of targets get one instance for all, so that they go on when another replica polls.
`;

const NO_ALERTMANAGER = `# Alerts are sent nowhere: no source has \`alertmanager.urls\` in Watchkeeper's configuration.
`;

const sendReasons = (others: readonly string[]): string =>
  others.length === 0
    ? "# All replicas of one Alertmanager.\n"
    : `# All replicas of one Alertmanager. Those of other sources are left out, because what two sources send is told twice:
# ${others.join(", ")}.\n`;

function scrapeConfig({ url, mayBeReplicas = false }: WatchkeeperServer, { settings }: HttpClient): object {
  const { protocol, pathname } = new URL(`${url}/metrics`);
  return {
    job_name: "watchkeeper",
    ...(protocol === "https:" && { scheme: "https" }),
    ...(pathname !== "/metrics" && { metrics_path: pathname }),
    ...settings,
    static_configs: [{ targets: [addressOf(url)] }],
    ...(mayBeReplicas && { metric_relabel_configs: [ONE_INSTANCE] }),
  };
}

/** What was read of a target has no instance of its own, so that its series go on when another replica polls it. */
const ONE_INSTANCE = { source_labels: ["target"], regex: ".+", target_label: "instance", replacement: "watchkeeper" };

/** Replicas that differ in their host only are one entry. */
function byAddress(replicas: readonly { readonly url: string; readonly client: HttpClient }[]): readonly object[] {
  const alike = Map.groupBy(replicas, ({ url }) => {
    const { protocol, pathname } = new URL(url);
    return `${protocol} ${pathname}`;
  });
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { protocol, pathname } = new URL(first.url);
    return {
      ...(protocol === "https:" && { scheme: "https" }),
      ...(pathname !== "/" && { path_prefix: pathname }),
      ...first.client.settings,
      static_configs: [{ targets: [...new Set(group.map(({ url }) => addressOf(url)))] }],
    };
  });
}

/** Host and port; Prometheus wants one where a URL may leave it out. */
function addressOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
}
