import { count, countWhere, equal, multiply, or, selectScraped, selectUntargeted } from "../../core/promql.ts";
import { alertsMetric, scrapeMetrics } from "../../core/scrape-metrics.ts";
import { signal } from "../../core/signal.ts";

const up = selectScraped(scrapeMetrics.up);

const firing = (severity: "critical" | "warning" | "info", help: string) =>
  signal({
    title: `Alerts that fire: ${severity}`,
    help,
    unit: "none",
    // while Prometheus reads anything at all, no series of an alert means that none fires
    expr: or(count(selectUntargeted(alertsMetric, { alertstate: "firing", severity })), multiply(count(up), 0)),
    levels: [
      { from: null, severity: "ok" },
      { from: 1, severity },
    ],
  });

/** Totals over everything that Prometheus reads. */
export const overviewSignals = {
  critical: firing("critical", "Somebody must act now."),
  warning: firing("warning", "Somebody must act in working hours."),
  info: firing("info", "For reading."),
  targetsDown: signal({
    title: "Targets down",
    help: "What Prometheus can not read: nothing is known of it, and its alerts are silent.",
    unit: "none",
    expr: countWhere(up, (of) => equal(of, 0)),
    levels: [
      { from: null, severity: "ok" },
      { from: 1, severity: "warning" },
    ],
  }),
  down: signal({
    title: "Targets that are down",
    help: "Which ones Prometheus can not read; the page of targets in Prometheus shows why.",
    unit: "boolean",
    expr: equal(up, 0),
  }),
};
