import type { AlertHead } from "./own-alerts.ts";

/**
 * The runbooks of the alerts that are written for service level objectives: those of the budget's burning have the name
 * that the objective gives them and share one runbook, the others have these names.
 */
export const SLO_ALERTS = {
  burn: { name: "SloBudgetBurn", severity: "critical" },
  noData: { name: "SloNoData", severity: "warning" },
  low: { name: "SloBudgetLow", severity: "warning" },
} as const satisfies Record<string, AlertHead>;
