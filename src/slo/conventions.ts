/** Every name that is recorded for SLOs, in one place. */

/** Events in 5 minutes, and those of them that failed: what every other record is a sum of. */
export const TOTAL = "slo:sli_total:increase5m";
export const ERRORS = "slo:sli_errors:increase5m";

/** What such a count is of in one step, such as `slo:sli_total:increase30s`; only counters are counted so. */
export const inStep = (count: string, step: string): string => count.replace(/5m$/, step);

/** What happened in 5 minutes and how much of it failed, where {@link TOTAL} and {@link ERRORS} count slices of time. */
export const EVENTS = "slo:sli_events:increase5m";
export const FAILURES = "slo:sli_failures:increase5m";

/** Share of failed events over a window such as `1h`; the name is sloth's too. */
export const errorRatio = (window: string): string => `slo:sli_error:ratio_rate${window}`;

/** The objective, `1 - objective`, and the length of the window in days; the names are sloth's too. */
export const OBJECTIVE = "slo:objective:ratio";
export const ERROR_BUDGET = "slo:error_budget:ratio";
export const PERIOD_DAYS = "slo:time_period:days";

/** How fast the budget burns (1: just used up at the end of the window) over 5 minutes and over the window, and the share that is left. */
export const CURRENT_BURN_RATE = "slo:current_burn_rate:ratio";
export const PERIOD_BURN_RATE = "slo:period_burn_rate:ratio";
export const BUDGET_LEFT = "slo:period_error_budget_remaining:ratio";

/** Share of the window in which the SLI was measured at all. */
export const COVERAGE = "slo:coverage:ratio";

/** 1, with all that is known of the SLO as labels. */
export const INFO = "slo_info";

/** The label of every recorded series; `sloth` beside it with `--compat sloth`. */
export const ID_LABEL = "slo_id";

/** `page`, `ticket`, `no_data` or `budget`: what an alert of an SLO tells, whatever its severity was made. */
export const ALERT_LABEL = "slo_alert";

/** Labels that sloth's dashboards ask for. Source: https://sloth.dev/usage/dashboards/ */
export const SLOTH_LABELS = {
  id: "sloth_id",
  service: "sloth_service",
  slo: "sloth_slo",
  window: "sloth_window",
  severity: "sloth_severity",
} as const;
export const SLOTH_INFO = "sloth_slo_info";
