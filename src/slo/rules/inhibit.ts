import { printYaml } from "../../lib/yaml.ts";
import { ALERT_LABEL, ID_LABEL } from "../conventions.ts";
import type { Slo } from "../model.ts";

const HEAD = `# Written by \`watchkeeper slo generate\`: which alerts of SLOs say nothing new while another one fires.
# Put it into Alertmanager's configuration, which has one list \`inhibit_rules\`.
`;

/**
 * The section `inhibit_rules` of Alertmanager's configuration for the alerts of these SLOs: while somebody is paged for one, or
 * for one of its groups, its ticket is not sent.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule
 */
export function renderSloInhibitRules(slos: readonly Slo[]): string {
  const groups = new Set(slos.flatMap(({ groupBy }) => groupBy));
  const rule = {
    source_matchers: [`${ALERT_LABEL}="page"`],
    target_matchers: [`${ALERT_LABEL}="ticket"`],
    // a label that both lack is equal too
    equal: [ID_LABEL, ...[...groups].toSorted()],
  };
  return HEAD + printYaml({ inhibit_rules: [rule] });
}
