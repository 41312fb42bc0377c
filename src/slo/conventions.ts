import { SLO_ID_LABEL, sloErrorRatioName, sloMetrics } from "../core/slo-metrics.ts";

/** Events in 5 minutes, and those of them that failed: what every other record is a sum of. */
export const TOTAL = sloMetrics.total.name;
export const ERRORS = sloMetrics.errors.name;

/** What such a count is of in one step, such as `slo:sli_total:increase30s`; only counters are counted so. */
export const inStep = (count: string, step: string): string => count.replace(/5m$/, step);

/**
 * What happened in 5 minutes and how much of it failed, where {@link TOTAL} and {@link ERRORS} count slices of time.
 */
export const EVENTS = sloMetrics.events.name;
export const FAILURES = sloMetrics.failures.name;

/** Share of failed events over a window such as `1h`; the name is sloth's too. */
export const errorRatio = sloErrorRatioName;

/** The objective, `1 - objective`, and the length of the window in days; the names are sloth's too. */
export const OBJECTIVE = sloMetrics.objective.name;
export const ERROR_BUDGET = sloMetrics.budget.name;
export const PERIOD_DAYS = sloMetrics.periodDays.name;

/**
 * How fast the budget burns (1: just used up at the end of the window) over 5 minutes and over the window, and the
 * share that is left.
 */
export const CURRENT_BURN_RATE = sloMetrics.currentBurn.name;
export const PERIOD_BURN_RATE = sloMetrics.periodBurn.name;
export const BUDGET_LEFT = sloMetrics.budgetLeft.name;

/** Share of the window in which the SLI was measured at all. */
export const COVERAGE = sloMetrics.coverage.name;

/** 1, with all that is known of the SLO as labels. */
export const INFO = sloMetrics.info.name;

/** The label of every recorded series; `sloth` beside it with `--compat sloth`. */
export const ID_LABEL = SLO_ID_LABEL;

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
