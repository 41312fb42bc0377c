import { counter, gauge, histogram } from "./metric.ts";

/**
 * What came of looking for evidence about a group. `attached`: its messages tell it. `unchanged`: it says what is
 * known, or the group is over. `nothing`: there was nothing to tell. `failed`: it could not be looked for, or not be
 * kept.
 */
export const EVIDENCE_OUTCOMES = ["attached", "unchanged", "nothing", "failed"] as const;

/** One of {@link EVIDENCE_OUTCOMES}. */
export type EvidenceOutcome = (typeof EVIDENCE_OUTCOMES)[number];

/**
 * What Watchkeeper tells of the evidence that it looks for; only with `evidence` and `alerting` in the configuration.
 */
export const evidenceMetrics = {
  evidenceBundles: counter("watchkeeper_evidence_bundles_total", {
    help: "Groups of alerts that evidence was looked for, by outcome: attached, unchanged, nothing or failed.",
    labels: ["outcome"],
  }),
  evidenceDuration: histogram("watchkeeper_evidence_duration_seconds", {
    help: "How long it took to look for the evidence of a group of alerts.",
    unit: "seconds",
  }),
  evidenceWaiting: gauge("watchkeeper_evidence_waiting_groups", {
    help: "Open groups of alerts without evidence that it is still to be looked for; absent in a replica that does not look.",
  }),
};
