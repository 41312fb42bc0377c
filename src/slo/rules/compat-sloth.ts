import { SLOTH_INFO, SLOTH_LABELS } from "../conventions.ts";
import type { SloRule } from "../model.ts";
import { percentOf, type RuleContext } from "./context.ts";

/** sloth's info metric, by which its dashboards list services and SLOs. Source: https://sloth.dev/usage/dashboards/ */
export function slothInfo({ slo, identity }: RuleContext): SloRule {
  const labels = { ...slo.labels, ...identity, sloth_objective: percentOf(slo), sloth_mode: "watchkeeper" };
  return { record: SLOTH_INFO, expr: "vector(1)", labels };
}

/** The labels that sloth's alerts have. */
export const slothAlertLabels = ({ slo }: RuleContext, severity: "page" | "ticket"): Record<string, string> => ({
  [SLOTH_LABELS.id]: slo.id,
  [SLOTH_LABELS.service]: slo.service,
  [SLOTH_LABELS.slo]: slo.name,
  [SLOTH_LABELS.severity]: severity,
});
