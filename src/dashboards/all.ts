import { withOverride, type AlertOverrides } from "../core/alert.ts";
import type { Dashboard } from "../core/dashboard.ts";
import type { Pack } from "../core/pack.ts";
import { ownDashboards } from "./content/own-dashboards.ts";
import { faultsOf } from "./faults.ts";
import { resolve, type ResolveContext } from "./resolve.ts";
import type { ResolvedDashboard } from "./resolved.ts";

/** Whom the links of dashboards lead to, and which thresholds somebody wants otherwise. */
export interface DashboardOptions {
  /** URL of Watchkeeper as people reach it, without a final slash. */
  readonly externalUrl: string;
  readonly overrides?: AlertOverrides;
}

/**
 * Resolves every dashboard of the packs and of the engine. Throws when one is declared wrongly, and names the panel.
 */
export const allDashboards = (packs: readonly Pack[], options: DashboardOptions): readonly ResolvedDashboard[] =>
  resolveAll([...ownDashboards(packs), ...packs.flatMap(({ dashboards = [] }) => dashboards)], {
    externalUrl: options.externalUrl,
    alerts: alertsOf(packs, options),
  });

/** Resolves dashboards that lead to one another. Throws when one is declared wrongly, and names the panel. */
export function resolveAll(dashboards: readonly Dashboard[], context: ResolveContext): readonly ResolvedDashboard[] {
  const faults = faultsOf(dashboards);
  if (faults.length > 0)
    throw new Error(`Dashboards are declared wrongly:\n${faults.map((each) => `- ${each}`).join("\n")}`);
  return dashboards.map((dashboard) => resolve(dashboard, context));
}

/** As they are in the rules: those that are wanted, with the thresholds that are wanted. */
const alertsOf = (packs: readonly Pack[], { overrides = {} }: DashboardOptions): ResolveContext["alerts"] =>
  packs
    .flatMap(({ alerts }) => alerts)
    .filter(({ name }) => overrides[name]?.enabled !== false)
    .map((alert) => withOverride(alert, overrides[alert.name]));
