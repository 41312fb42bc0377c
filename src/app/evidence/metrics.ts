import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { EvidenceObserver } from "../../alerting/evidence/observer.ts";
import { EVIDENCE_OUTCOMES, evidenceMetrics } from "../../core/evidence-metrics.ts";

const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

/** Registers the metrics of looking for evidence; `waiting` is asked at each scrape. */
export function createEvidenceMetrics(registry: Registry, waiting: () => number | undefined): EvidenceObserver {
  const registers = [registry];
  const { evidenceBundles: bundles, evidenceDuration: duration, evidenceWaiting: waits } = evidenceMetrics;
  const counted = new Counter({ name: bundles.name, help: bundles.help, labelNames: ["outcome"], registers });
  for (const outcome of EVIDENCE_OUTCOMES) counted.inc({ outcome }, 0);
  const took = new Histogram({ name: duration.name, help: duration.help, buckets: DURATION_BUCKETS, registers });
  const waitingGroups: Gauge = new Gauge({
    name: waits.name,
    help: waits.help,
    registers,
    collect() {
      const count = waiting();
      // what is not known has no value
      if (count === undefined) waitingGroups.remove();
      else waitingGroups.set(count);
    },
  });
  return {
    gathered(outcome, seconds) {
      counted.inc({ outcome });
      took.observe(seconds);
    },
  };
}
