import type { Pack } from "../../core/pack.ts";
import { alertsMetric } from "../../core/scrape-metrics.ts";
import { SLO_ALERTS } from "../../core/slo-alerts.ts";
import { sloMetrics } from "../../core/slo-metrics.ts";
import { sloDashboard, slosDashboard } from "./dashboards.ts";
import { allSlosSignals, sloRatios, sloSignals } from "./signals.ts";

/** Service level objectives: their rules are written from specifications, their runbooks and dashboards are here. */
export const sloPack: Pack = {
  id: "slo",
  title: "Service level objectives",
  foreignMetrics: { ...sloMetrics, ...sloRatios, alerts: alertsMetric },
  signals: { ...allSlosSignals, ...sloSignals },
  alerts: [],
  ownAlerts: Object.values(SLO_ALERTS),
  dashboards: [slosDashboard, sloDashboard],
};
