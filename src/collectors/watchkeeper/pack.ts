import type { Pack } from "../../core/pack.ts";
import { partMetrics, processMetrics } from "../../core/self-metrics.ts";
import { watchkeeperAlerts } from "./alerts.ts";
import { watchkeeperSignals } from "./signals.ts";

/** Watchkeeper itself: whether its polls succeed and its configuration is the one on disk. */
export const watchkeeperPack: Pack = {
  id: "watchkeeper",
  title: "Watchkeeper itself",
  selfMetrics: { ...partMetrics, ...processMetrics },
  signals: watchkeeperSignals,
  alerts: watchkeeperAlerts,
};
