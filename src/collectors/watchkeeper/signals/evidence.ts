import { minutes, hours } from "../../../core/duration.ts";
import { evidenceMetrics as metrics } from "../../../core/evidence-metrics.ts";
import { quantile } from "../../../core/promql-histogram.ts";
import { increase, known, max, selectUntargeted as select, sum } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";

const duration = (share: number) =>
  signal({
    title: `p${share * 100}`,
    help: "How long the sources were asked and their answers weighed; `evidence.deadline` bounds each source.",
    unit: "seconds",
    expr: known(quantile(share, metrics.evidenceDuration, { over: minutes(5) })),
  });

/** What the dashboard asks of the evidence that is looked for. */
export const evidenceSignals = {
  evidenceLooked: signal({
    title: "Evidence in the last hour",
    help: "Groups of alerts that evidence was looked for, by outcome; `failed` is in the log with its reason.",
    unit: "none",
    expr: sum(increase(select(metrics.evidenceBundles).over(hours(1))), { by: ["outcome"] }),
  }),
  evidenceWaiting: signal({
    title: "Groups that wait for evidence",
    help: "One that grows means that the sources are slow or `evidence.enrich_per_minute` is too low; messages do not wait for it.",
    unit: "none",
    expr: max(select(metrics.evidenceWaiting)),
  }),
  evidenceMedian: duration(0.5),
  evidenceSlow: duration(0.99),
};
