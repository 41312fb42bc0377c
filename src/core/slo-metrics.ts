import { formatDuration, type Duration } from "./duration.ts";
import { gauge, info } from "./metric.ts";

/** The label of every recorded series of SLOs. */
export const SLO_ID_LABEL = "slo_id";

/** Beside these labels, series of an SLO that has groups carry those of the group. */
const labels = [SLO_ID_LABEL] as const;

/** What the rules of SLOs record; a group of events is one that the SLO tells apart, such as a route. */
export const sloMetrics = {
  info: info("slo_info", {
    help: "1 for each SLO, with what is known of it; the objective in percent, such as `99.9`.",
    labels: [...labels, "slo_service", "slo_name", "slo_objective", "slo_window"],
  }),
  total: gauge("slo:sli_total:increase5m", { help: "Events, or slices of time, in 5 minutes.", labels }),
  errors: gauge("slo:sli_errors:increase5m", { help: "Those of them that failed.", labels }),
  events: gauge("slo:sli_events:increase5m", {
    help: "Events in 5 minutes where the total counts slices of time.",
    labels,
  }),
  failures: gauge("slo:sli_failures:increase5m", { help: "Those of these events that failed.", labels }),
  objective: gauge("slo:objective:ratio", { help: "Share of events that must be good.", unit: "ratio", labels }),
  budget: gauge("slo:error_budget:ratio", { help: "Share of events that may fail.", unit: "ratio", labels }),
  periodDays: gauge("slo:time_period:days", { help: "Length of the window in days.", labels }),
  currentBurn: gauge("slo:current_burn_rate:ratio", {
    help: "How fast the budget burns, over 5 minutes; at 1 it is just used up at the end of the window.",
    labels,
  }),
  periodBurn: gauge("slo:period_burn_rate:ratio", { help: "How fast the budget burnt over the window.", labels }),
  budgetLeft: gauge("slo:period_error_budget_remaining:ratio", {
    help: "Share of the budget that is left; below 0 the objective is missed.",
    unit: "ratio",
    labels,
  }),
  coverage: gauge("slo:coverage:ratio", { help: "Share of the window that was measured.", unit: "ratio", labels }),
};

/** Its name for a window such as `1h`; sloth has the same. */
export const sloErrorRatioName = (window: string): string => `slo:sli_error:ratio_rate${window}`;

/** Share of failed events over a window that some alert or person asks for, such as an hour. */
export const sloErrorRatio = (window: Duration) =>
  gauge(sloErrorRatioName(formatDuration(window)), {
    help: "Share of events that failed.",
    unit: "ratio",
    labels,
  });
