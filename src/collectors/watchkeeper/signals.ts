import { divide, scalarMinus, select, selectUntargeted, time } from "../../core/promql.ts";
import { partMetrics, processMetrics } from "../../core/self-metrics.ts";
import { signal } from "../../core/signal.ts";

/** What can be asked of Watchkeeper itself. */
export const watchkeeperSignals = {
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
  reloadSuccessful: signal({
    title: "Newest configuration in use",
    help: "0 when the file on disk has a fault and the former configuration is still in use.",
    unit: "boolean",
    expr: selectUntargeted(processMetrics.reloadSuccessful),
  }),
};
