import type { Inhibition, Pack } from "../core/pack.ts";
import { printYaml } from "../lib/yaml.ts";

/** Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule */
interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

function inhibitRule({ by, silences, equal }: Inhibition): InhibitRule {
  const names = silences.toSorted();
  const target = names.length === 1 ? `alertname="${names.join("")}"` : `alertname=~"${names.join("|")}"`;
  return { source_matchers: [`alertname="${by}"`], target_matchers: [target], equal };
}

const HEAD = `# Written by \`watchkeeper generate files\`: which alerts say nothing new while another one fires.
# Put it into Alertmanager's configuration, which has one list \`inhibit_rules\`.
`;

/** What the packs say of their alerts as the section `inhibit_rules` of Alertmanager's configuration, in their order. */
export function renderInhibitRules(packs: readonly Pack[]): string {
  const rules = packs.flatMap(({ inhibitions = [] }) => inhibitions).map(entry);
  return `${HEAD}inhibit_rules:${rules.length === 0 ? " []\n" : `\n${rules.join("")}`}`;
}

const entry = (inhibition: Inhibition): string =>
  `# ${inhibition.because}\n${printYaml([inhibitRule(inhibition)])}`.replaceAll(/^(?=.)/gm, "  ");
