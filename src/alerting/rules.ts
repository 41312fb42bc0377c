import { alertText, withOverride, type Alert, type AlertOverrides } from "../core/alert.ts";
import { dashboardUid } from "../core/dashboard.ts";
import { formatDuration, milliseconds } from "../core/duration.ts";
import type { Pack } from "../core/pack.ts";
import { printPromql } from "../core/promql-print.ts";
import { printYaml } from "../lib/yaml.ts";

/** Where the links of an alert lead, and what is to differ from the packs. */
export interface RuleOptions {
  /** URL of Watchkeeper as people reach it, without a final slash. */
  readonly externalUrl: string;
  /**
   * URL of Grafana, without a final slash, where the dashboards are; without it alerts link to Watchkeeper's page of
   * targets.
   */
  readonly grafanaUrl?: string;
  readonly overrides?: AlertOverrides;
  /** Labels of a PrometheusRule, by which a Prometheus chooses it. */
  readonly resourceLabels?: Readonly<Record<string, string>>;
}

/**
 * Prometheus' rule file, as plain data. Source:
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 */
interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function ruleGroups(pack: Pack, options: RuleOptions): RuleGroups {
  const { overrides = {} } = options;
  const wanted = pack.alerts.filter(({ name }) => overrides[name]?.enabled !== false);
  const rules = wanted.map((of) => rule(withOverride(of, overrides[of.name]), pack, options));
  return { groups: [{ name: `watchkeeper-${pack.id}`, rules }] };
}

function rule(of: Alert<string>, pack: Pack, options: RuleOptions): Rule {
  const { externalUrl } = options;
  const text = alertText<string>(of.threshold);
  const { keepFiringFor = milliseconds(0) } = of;
  return {
    alert: of.name,
    expr: printPromql(of.when.node),
    ...(of.for > 0 && { for: formatDuration(of.for) }),
    ...(keepFiringFor > 0 && { keep_firing_for: formatDuration(keepFiringFor) }),
    labels: { severity: of.severity },
    annotations: {
      summary: of.summary(text),
      description: of.description(text),
      runbook_url: `${externalUrl}/runbooks/${of.name}`,
      dashboard_url: dashboardUrl(pack, options),
    },
  };
}

/** The first dashboard of the pack in Grafana, with the target chosen; or the page of the target here. */
function dashboardUrl({ dashboards: [dashboard] = [] }: Pack, { externalUrl, grafanaUrl }: RuleOptions): string {
  const [page, parameter] =
    grafanaUrl === undefined || dashboard === undefined
      ? [`${externalUrl}/`, "target"]
      : [`${grafanaUrl}/d/${dashboardUid(dashboard.id)}`, "var-target"];
  return `${page}{{ with $labels.target }}?${parameter}={{ . }}{{ end }}`;
}

const WRITTEN_BY =
  "# Written by `watchkeeper generate rules`: an alert is changed in its pack's alerts.ts or, for one installation, under\n" +
  "# `rules` in the configuration.\n";

/** Where a pack's rules are written, from the root of the repository or the folder that is written into. */
export const ruleFilePath = ({ id }: Pack): string => `alerts/rules/${id}.yaml`;

/** A pack's alerts as a Prometheus rule file. */
export function renderRuleFile(pack: Pack, options: RuleOptions): string {
  return WRITTEN_BY + printYaml(ruleGroups(pack, options));
}

/**
 * A pack's alerts as a PrometheusRule of the Prometheus operator.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export function renderPrometheusRule(pack: Pack, options: RuleOptions): string {
  return (
    WRITTEN_BY +
    printYaml({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: `watchkeeper-${pack.id}`,
        labels: { "app.kubernetes.io/name": "watchkeeper", ...options.resourceLabels },
      },
      spec: ruleGroups(pack, options),
    })
  );
}
