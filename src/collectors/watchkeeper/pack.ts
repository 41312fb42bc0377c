import { alertingMetrics } from "../../core/alerting-metrics.ts";
import { evidenceMetrics } from "../../core/evidence-metrics.ts";
import { OWN_ALERTS } from "../../core/own-alerts.ts";
import type { Pack } from "../../core/pack.ts";
import { replicaMetrics } from "../../core/replica-metrics.ts";
import { sloSelfMetrics } from "../../core/slo-self-metrics.ts";
import { partMetrics, processMetrics } from "../../core/self-metrics.ts";
import { alertingDashboard } from "./dashboards-alerting.ts";
import { watchkeeperAlerts } from "./alerts.ts";
import { deliverySignals, intakeSignals } from "./signals-delivery.ts";
import { evidenceSignals } from "./signals-evidence.ts";
import { foreignMetrics } from "./foreign.ts";
import { partSignals } from "./signals-parts.ts";
import { processSignals } from "./signals-process.ts";
import { selfDashboard } from "./dashboards-self.ts";
import { replicaSignals } from "./signals-replicas.ts";
import { watchkeeperSignals } from "./signals.ts";

/** Watchkeeper itself: whether its polls succeed, its configuration is the one on disk, and alerts are delivered. */
export const watchkeeperPack: Pack = {
  id: "watchkeeper",
  title: "Watchkeeper itself",
  selfMetrics: {
    ...partMetrics,
    ...processMetrics,
    ...replicaMetrics,
    ...alertingMetrics,
    ...evidenceMetrics,
    ...sloSelfMetrics,
  },
  foreignMetrics,
  signals: {
    ...watchkeeperSignals,
    ...partSignals,
    ...processSignals,
    ...replicaSignals,
    ...intakeSignals,
    ...deliverySignals,
    ...evidenceSignals,
  },
  alerts: watchkeeperAlerts,
  ownAlerts: Object.values(OWN_ALERTS),
  dashboards: [selfDashboard, alertingDashboard],
};
