import type { Severity } from "./alert.ts";

/** An alert by name and urgency; its runbook has its name. */
export type AlertHead = { readonly name: string; readonly severity: Severity };

/**
 * Alerts that Watchkeeper raises about itself and delivers without Prometheus and Alertmanager: they may be what is
 * gone.
 */
export const OWN_ALERTS = {
  sourceSilent: { name: "WatchkeeperSourceSilent", severity: "critical" },
  destinationBroken: { name: "WatchkeeperDestinationBroken", severity: "critical" },
  deadLetters: { name: "WatchkeeperDeadLetters", severity: "warning" },
} as const satisfies Record<string, AlertHead>;
