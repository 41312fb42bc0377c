import { alertingMetrics } from "../../../core/alerting-metrics.ts";
import { divide, max, scalarMinus, select, selectUntargeted, time } from "../../../core/promql.ts";
import { partMetrics, processMetrics } from "../../../core/self-metrics.ts";
import { sloSelfMetrics } from "../../../core/slo-self-metrics.ts";
import { signal } from "../../../core/signal.ts";

/** Missed polls from which on a part's series are gone. */
export const GONE_AFTER = 3;

/** What alerts ask of Watchkeeper itself. */
export const serviceSignals = {
  partSuccess: signal({
    title: "Parts whose newest poll succeeded",
    help: "0 for a part that can not be read; `watchkeeper_part_errors_total` names the reason.",
    unit: "boolean",
    expr: select(partMetrics.success),
  }),
  missedPolls: signal({
    title: "Polls missed since the last success",
    help: "From 3 on the part's series are gone.",
    unit: "none",
    expr: divide(scalarMinus(time(), select(partMetrics.lastSuccess)), select(partMetrics.interval)),
  }),
  missingPieces: signal({
    title: "Pieces that can not be read",
    help: "By reason: a missing permission, a credential that is refused, a node that hangs, an answer of another shape.",
    unit: "none",
    expr: max(
      select(partMetrics.missingPieces, {
        reason: [
          "=~",
          "unauthorized|forbidden|not_found|unexpected_shape|credential_unreadable|internal|timeout|node_unreachable",
        ],
      }),
      { by: ["target", "collector", "part", "reason"] },
    ),
  }),
  build: signal({
    title: "Running Watchkeepers",
    help: "1 for each, with its version.",
    unit: "boolean",
    expr: selectUntargeted(processMetrics.build),
  }),
  reloadSuccessful: signal({
    title: "Newest configuration in use",
    help: "0 when the file on disk has a fault and the former configuration is still in use.",
    unit: "boolean",
    expr: selectUntargeted(processMetrics.reloadSuccessful),
  }),
  storeWritable: signal({
    title: "Store can be written",
    help: "0 while notifications are refused with 503 and nothing is delivered.",
    unit: "boolean",
    expr: selectUntargeted(alertingMetrics.storeWritable),
  }),
  oldestMessageAge: signal({
    title: "Age of the oldest message that waits",
    help: "By destination; what a time interval holds back does not count.",
    unit: "seconds",
    expr: scalarMinus(time(), selectUntargeted(alertingMetrics.oldestPending)),
  }),
  sloReading: signal({
    title: "What SLOs counted could be read",
    help: "0 while the budgets of all SLOs are not known, because Prometheus can not be asked.",
    unit: "boolean",
    expr: selectUntargeted(sloSelfMetrics.readingSuccess),
  }),
  repairAge: signal({
    title: "Time since the last comparison with Alertmanager",
    help: "By source; while it grows, alerts whose end no webhook tells stay open.",
    unit: "seconds",
    expr: scalarMinus(time(), selectUntargeted(alertingMetrics.repairLastSuccess)),
  }),
};
