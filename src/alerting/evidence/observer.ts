import type { EvidenceOutcome } from "../../core/evidence-metrics.ts";

/** Is told what the worker does, for metrics. */
export interface EvidenceObserver {
  gathered(outcome: EvidenceOutcome, seconds: number): void;
}
