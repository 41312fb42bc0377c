import { gauge } from "./metric.ts";

/** What Watchkeeper tells of its looks at service level objectives; absent where none are configured. */
export const sloSelfMetrics = {
  readingSuccess: gauge("watchkeeper_slo_reading_success", {
    help: "Whether what SLOs counted could be read from Prometheus the last time; absent before the first time.",
    unit: "boolean",
  }),
  readingTime: gauge("watchkeeper_slo_reading_last_success_timestamp_seconds", {
    help: "When what SLOs counted was last read; absent before it was.",
    unit: "timestamp",
  }),
  unreadable: gauge("watchkeeper_slo_unreadable_objectives", {
    help: "SLOs that could not be read for themselves though others could, at the last reading that succeeded.",
    unit: "none",
  }),
};
