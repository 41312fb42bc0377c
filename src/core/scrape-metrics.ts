import { gauge } from "./metric.ts";

/**
 * What Prometheus records by itself of each scrape and of its alerts; scrapes carry `job` and `instance` too.
 * Source: https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series
 */
export const scrapeMetrics = {
  up: gauge("up", { help: "Whether the newest scrape succeeded.", unit: "boolean" }),
  duration: gauge("scrape_duration_seconds", { help: "How long the newest scrape took.", unit: "seconds" }),
  samples: gauge("scrape_samples_scraped", { help: "Samples that the newest scrape gave." }),
};

/**
 * Alerts that are pending or fire, each with its labels besides; those of SLOs have `slo_id` and `slo_alert`.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
 */
export const alertsMetric = gauge("ALERTS", {
  help: "1 while the alert is pending or fires.",
  labels: ["alertname", "alertstate", "severity", "slo_id", "slo_alert", "slo_service"],
});
