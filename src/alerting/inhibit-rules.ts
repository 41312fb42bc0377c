import type { Inhibition, Pack } from "../core/pack.ts";
import { printYaml } from "../lib/yaml.ts";

/** Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule */
interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

const HEAD = `# Written by \`watchkeeper generate files\`: which alerts say nothing new while another one fires.
# Put it into Alertmanager's configuration, which has one list \`inhibit_rules\`.
`;

/**
 * What the packs say of their alerts as the section `inhibit_rules` of Alertmanager's configuration, in their order.
 * Where one silences alerts of another pack, they have a rule of their own, which is for those of its collector only.
 */
export const renderInhibitRules = (packs: readonly Pack[]): string => HEAD + inhibitRulesSection(packs);

/** The section alone, as a part of a whole configuration. */
export function inhibitRulesSection(packs: readonly Pack[]): string {
  const entries = packs.flatMap((pack) => (pack.inhibitions ?? []).flatMap((one) => entriesOf(pack, one)));
  return `inhibit_rules:${entries.length === 0 ? " []\n" : `\n${entries.join("")}`}`;
}

function entriesOf(
  { alerts, collector }: Pack,
  { by, silences, having = {}, equal, because }: Inhibition,
): readonly string[] {
  const names = new Set(alerts.map(({ name }) => name));
  const ours = silences.filter((name) => names.has(name));
  const others = silences.filter((name) => !names.has(name));
  // a target's name is unique among those of its collector only
  const ofCollector = collector === undefined ? [] : [`collector="${collector.id}"`];
  const labels = Object.entries(having).map(([label, value]) => `${label}="${value}"`);
  const targets = [
    ...(ours.length === 0 ? [] : [[alertMatcher(ours), ...labels]]),
    ...(others.length === 0 ? [] : [[alertMatcher(others), ...ofCollector, ...labels]]),
  ];
  return targets.map((target_matchers) =>
    entry({ source_matchers: [alertMatcher([by])], target_matchers, equal }, because),
  );
}

const alertMatcher = (names: readonly string[]): string =>
  names.length === 1 ? `alertname="${names.join("")}"` : `alertname=~"${names.toSorted().join("|")}"`;

const entry = (rule: InhibitRule, because: string): string =>
  `# ${because}\n${printYaml([rule])}`.replaceAll(/^(?=.)/gm, "  ");
