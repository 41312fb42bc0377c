import type { Watchdog } from "../../core/alerting-config.ts";
import { printYaml } from "../../lib/yaml.ts";

/**
 * A rule file with the alert that always fires, as the watchdog's matchers describe it; undefined when they describe
 * none by equality, so that nobody but its owner knows the rule.
 */
export function renderWatchdogRule(source: string, { matchers }: Watchdog): string | undefined {
  const equal = matchers.flatMap(({ label, operator, value }) => (operator === "=" ? [[label, value] as const] : []));
  const { alertname, ...labels } = { severity: "none", ...Object.fromEntries(equal) } as Record<string, string>;
  if (alertname === undefined || !matchers.every((one) => one.matches({ alertname, ...labels }))) return undefined;
  const annotations = {
    summary: "This alert always fires",
    description: `Its notification is the sign of life of the source ${source}: Watchkeeper tells nobody of it, but tells when it stays away.`,
  };
  const rules = [{ alert: alertname, expr: "vector(1)", labels, annotations }];
  return WRITTEN_BY + printYaml({ groups: [{ name: "watchkeeper-watchdog", rules }] });
}

const WRITTEN_BY = `# Written by \`watchkeeper generate prometheus\`. Where a rule as this one is there already (kube-prometheus has it), leave
# this file out.
`;
