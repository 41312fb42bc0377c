import { renderInhibitRules } from "../alerting/inhibit-rules.ts";
import { renderPrometheusRule, renderRuleFile, type RuleOptions } from "../alerting/rules.ts";
import type { NotifierKind } from "../core/notifier.ts";
import type { Pack } from "../core/pack.ts";
import { allDashboards } from "../dashboards/all.ts";
import { dashboardFile, type DashboardFormat } from "../dashboards/formats/formats.ts";
import { provisioningFiles } from "../dashboards/provisioning/files.ts";
import { configJsonSchema } from "../config/json-schema.ts";
import { configReference } from "../config/reference.ts";
import { kindsOf } from "../config/schema.ts";
import { renderAlertsPage, renderErrorsPage, renderMetricsPage } from "./reference-pages.ts";
import { sloReference, sloSchemaText } from "./slo-reference.ts";

export { DASHBOARD_FORMATS } from "../dashboards/formats/formats.ts";

/** A file that is made from the packs and the notifiers. */
export interface Output {
  readonly kind: "rules" | "docs" | "files" | "dashboards";
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
  return [
    ...packs
      .filter(({ alerts }) => alerts.length > 0)
      .map((pack): Output => ({
        kind: "rules",
        path: `alerts/rules/${pack.id}.yaml`,
        text: render(pack, options),
      })),
    doc("configuration.md", configReference(kinds)),
    doc("watchkeeper.schema.json", `${JSON.stringify(configJsonSchema(kinds), null, 2)}\n`),
    doc("metrics.md", renderMetricsPage(packs)),
    doc("alerts.md", renderAlertsPage(packs)),
    doc("errors.md", renderErrorsPage()),
    doc("slo.md", sloReference()),
    doc("slo.schema.json", sloSchemaText()),
    { kind: "files", path: "deploy/alertmanager/inhibit-rules.yaml", text: renderInhibitRules(packs) },
    ...packs.flatMap(({ artifacts = [] }) =>
      artifacts.map((artifact): Output => ({ kind: "files", path: artifact.path, text: artifact.render() })),
    ),
    ...dashboardOutputs(packs, options),
  ];
}

/** The dashboards, and what Grafana has to have besides. */
function dashboardOutputs(packs: readonly Pack[], options: OutputOptions): readonly Output[] {
  const { dashboards: format = "files" } = options;
  const files = allDashboards(packs, options).map((dashboard) => dashboardFile(dashboard, format));
  return [...files, ...provisioningFiles(format)].map((file): Output => ({ kind: "dashboards", ...file }));
}
