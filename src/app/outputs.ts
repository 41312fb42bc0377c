import { renderInhibitRules } from "../alerting/inhibit-rules.ts";
import { renderPrometheusRule, renderRuleFile, ruleFilePath, type RuleOptions } from "../alerting/rules.ts";
import type { WatchkeeperServer } from "../alerting/configs/http-client.ts";
import type { AlertSource } from "../core/alerting-config.ts";
import type { NotifierKind } from "../core/notifier.ts";
import type { Pack } from "../core/pack.ts";
import { allDashboards } from "../dashboards/all.ts";
import { classicDashboard } from "../dashboards/classic/dashboard.ts";
import { dashboardFile, type DashboardFormat } from "../dashboards/formats/formats.ts";
import { provisioningFiles } from "../dashboards/provisioning/files.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import { configReference } from "../config/reference.ts";
import { kindsOf } from "../config/schema.ts";
import { renderAlertsPage, renderErrorsPage, renderMetricsPage } from "./reference-pages.ts";
import { composeAlertmanagerConfig, serverConfigs } from "./server-configs.ts";
import { sloReference, sloSchemaText } from "./slo-reference.ts";

export { DASHBOARD_FORMATS } from "../dashboards/formats/formats.ts";

/** What may be asked for by itself. */
export const OUTPUT_KINDS = ["rules", "docs", "files", "dashboards", "chart", "alertmanager", "prometheus"] as const;

/** A file that is made from the packs and the notifiers. */
export interface Output {
  readonly kind: (typeof OUTPUT_KINDS)[number];
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** How outputs are written. */
export interface OutputOptions extends RuleOptions {
  /** `prometheus` is a plain rule file, `prometheusrule` the Prometheus operator's resource. */
  readonly format: "prometheus" | "prometheusrule";
  /** Of dashboards; plain files unless given. */
  readonly dashboards?: DashboardFormat;
  /** How Alertmanager and Prometheus reach Watchkeeper; at the external URL, without a login, unless given. */
  readonly server?: WatchkeeperServer;
  /** Who sends alerts; those of the shipped example unless given. */
  readonly sources?: readonly AlertSource[];
}

/** Everything that `watchkeeper generate` writes. */
export function outputs(
  packs: readonly Pack[],
  notifiers: readonly NotifierKind[],
  options: OutputOptions,
): readonly Output[] {
  const kinds = kindsOf(packs, notifiers);
  const render = options.format === "prometheus" ? renderRuleFile : renderPrometheusRule;
  const doc = (name: string, text: string): Output => ({ kind: "docs", path: `docs/reference/${name}`, text });
  const dashboards = allDashboards(packs, options);
  const ruled = packs.filter(({ alerts }) => alerts.length > 0);
  const { externalUrl: url, format } = options;
  const { server = { url, hasOwnCertificate: false, wantsClientCertificate: false, username: undefined }, sources } =
    options;
  return [
    ...ruled.map((pack): Output => ({ kind: "rules", path: ruleFilePath(pack), text: render(pack, options) })),
    doc("configuration.md", configReference(kinds)),
    doc("watchkeeper.schema.json", `${JSON.stringify(configJsonSchema(kinds), null, 2)}\n`),
    doc("metrics.md", renderMetricsPage(packs)),
    doc("alerts.md", renderAlertsPage(packs)),
    doc("errors.md", renderErrorsPage()),
    doc("slo.md", sloReference()),
    doc("slo.schema.json", sloSchemaText()),
    { kind: "files", path: "deploy/alertmanager/inhibit-rules.yaml", text: renderInhibitRules(packs) },
    { kind: "files", ...composeAlertmanagerConfig(packs) },
    ...packs.flatMap(({ artifacts = [] }) =>
      artifacts.map((artifact): Output => ({ kind: "files", path: artifact.path, text: artifact.render() })),
    ),
    ...dashboardOutputs(dashboards, options.dashboards),
    ...chartOutputs(ruled, dashboards, options),
    ...serverConfigs(packs, {
      server,
      ...(sources && { sources }),
      // the resources of the Prometheus operator are no rule files
      ruleFiles: format === "prometheus" ? ruled.map(ruleFilePath) : [],
    }),
  ];
}

type Dashboards = ReturnType<typeof allDashboards>;

/** The dashboards, and what Grafana has to have besides. */
function dashboardOutputs(dashboards: Dashboards, format: DashboardFormat = "files"): readonly Output[] {
  const files = dashboards.map((dashboard) => dashboardFile(dashboard, format));
  return [...files, ...provisioningFiles(format)].map((file): Output => ({ kind: "dashboards", ...file }));
}

/**
 * Rules and dashboards once more, because Helm reads no file outside of its chart; without spaces, as a release has a
 * limit.
 */
function chartOutputs(ruled: readonly Pack[], dashboards: Dashboards, options: OutputOptions): readonly Output[] {
  const file = (name: string, text: string): Output => ({
    kind: "chart",
    path: `deploy/helm/watchkeeper/files/${name}`,
    text,
  });
  return [
    ...ruled.map((pack) => file(`rules/${pack.id}.yaml`, renderRuleFile(pack, options))),
    ...dashboards.map((dashboard) =>
      file(`dashboards/${dashboard.uid}.json`, `${JSON.stringify(classicDashboard(dashboard))}\n`),
    ),
  ];
}
