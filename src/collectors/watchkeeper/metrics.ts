import { alertingMetrics } from "../../core/alerting-metrics.ts";
import { evidenceMetrics } from "../../core/evidence-metrics.ts";
import { replicaMetrics } from "../../core/replica-metrics.ts";
import { partMetrics, processMetrics } from "../../core/self-metrics.ts";
import { sloSelfMetrics } from "../../core/slo-self-metrics.ts";

/** What the service serves of itself. */
export const watchkeeperMetrics = {
  ...partMetrics,
  ...processMetrics,
  ...replicaMetrics,
  ...alertingMetrics,
  ...evidenceMetrics,
  ...sloSelfMetrics,
};
