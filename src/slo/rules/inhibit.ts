import { printYaml } from "../../lib/yaml.ts";
import { ALERT_LABEL, ID_LABEL } from "../conventions.ts";
import type { Slo } from "../model.ts";

const HEAD = `# Written by \`watchkeeper slo generate\`: which alerts of SLOs say nothing new while another one fires.
# Put it into Alertmanager's configuration, which has one list \`inhibit_rules\`. Where several Prometheus have the same SLOs,
# \`equal\` must hold the external labels that tell them apart, or a page of one keeps the ticket of another quiet.
`;

/**
 * The usual external label of one Prometheus among several with the same SLOs; a label that both alerts lack is equal
 * too.
 */
const PLACE = "cluster";

/**
 * The section `inhibit_rules` of Alertmanager's configuration for the alerts of these SLOs: while somebody is paged for
 * one, or for one of its groups, its ticket is not sent.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
 */
export function renderSloInhibitRules(slos: readonly Slo[]): string {
  const groups = new Set(slos.flatMap(({ groupBy }) => groupBy));
  const rule = {
    source_matchers: [`${ALERT_LABEL}="page"`],
    target_matchers: [`${ALERT_LABEL}="ticket"`],
    equal: [ID_LABEL, ...[...groups.add(PLACE)].toSorted()],
  };
  return HEAD + printYaml({ inhibit_rules: [rule] });
}
