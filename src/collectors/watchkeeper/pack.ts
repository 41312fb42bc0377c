import { OWN_ALERTS } from "../../core/own-alerts.ts";
import type { Pack } from "../../core/pack.ts";
import { watchkeeperAlerts } from "./alerts.ts";
import { watchkeeperDashboards } from "./dashboards.ts";
import { foreignMetrics } from "./foreign.ts";
import { watchkeeperMetrics } from "./metrics.ts";
import { watchkeeperSignals } from "./signals.ts";

/** Watchkeeper itself: whether its polls succeed, its configuration is the one on disk, and alerts are delivered. */
export const watchkeeperPack: Pack = {
  id: "watchkeeper",
  title: "Watchkeeper itself",
  selfMetrics: watchkeeperMetrics,
  foreignMetrics,
  signals: watchkeeperSignals,
  alerts: watchkeeperAlerts,
  ownAlerts: Object.values(OWN_ALERTS),
  dashboards: watchkeeperDashboards,
};
