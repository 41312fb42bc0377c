import { minutes } from "../../core/duration.ts";
import type { Metric } from "../../core/metric.ts";
import {
  ascending,
  divide,
  greater,
  known,
  labelReplace,
  max,
  min,
  multiply,
  or,
  rate,
  selectUntargeted as select,
  sum,
  type Vector,
  type Where,
} from "../../core/promql.ts";
import { quantile } from "../../core/promql-histogram.ts";
import { signal } from "../../core/signal.ts";
import { sloMetrics } from "../../core/slo-metrics.ts";
import { BUDGET_LEVELS, sloBudgetLeft, withSloInfo } from "../../core/slo-queries.ts";
import { graphMetrics, spanMetrics } from "./span-metrics.ts";

const over = minutes(5);

/** Spans by which a service serves others; what it asks of others is a client's, and the rest is its own affair. */
const served = { span_kind: ["=~", "SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"] } as const;
const byService = ["service"] as const;
const byOperation = ["service", "span_name"] as const;

const calls = (where: Where<"status_code"> = {}) => rate(select(spanMetrics.calls, { ...served, ...where }).over(over));
const failedCalls = calls({ status_code: "STATUS_CODE_ERROR" });

/** A series of failures is there from the first one on; where nothing was asked there is no share. */
const share = <L extends string>(failed: Vector<L>, all: Vector<L>): Vector<L> =>
  divide(or(failed, multiply(all, 0)), greater(all, 0));

const latency = <const B extends (typeof byOperation)[number]>(q: number, by: readonly B[]) =>
  signal({
    title: `Latency p${q * 100}`,
    help: `${q * 100}% of the answers were faster; compare it with the time before and with the objective.`,
    unit: "seconds",
    expr: known(quantile(q, spanMetrics.latency, { over, where: served, by })),
  });

/** Rate, errors and duration of what a service serves. */
export const serviceSignals = {
  rate: signal({
    title: "Requests per second",
    help: "What the service serves, messages from queues included; a fall to nothing is as bad as a jump.",
    unit: "none",
    expr: sum(calls(), { by: byService }),
  }),
  errors: signal({
    title: "Failed share",
    help: "Share of the requests whose span is an error; worry when it is not what it was yesterday.",
    unit: "ratio",
    expr: share(sum(failedCalls, { by: byService }), sum(calls(), { by: byService })),
  }),
  median: latency(0.5, byService),
  usual: latency(0.9, byService),
  slow: latency(0.99, byService),
  operationRate: signal({
    title: "Requests per second",
    help: "Which operations are used how much; one that is gone may have lost its callers.",
    unit: "none",
    expr: sum(calls(), { by: byOperation }),
  }),
  operationErrors: signal({
    title: "Failed share",
    help: "Which operation the failures come from.",
    unit: "ratio",
    expr: share(sum(failedCalls, { by: byOperation }), sum(calls(), { by: byOperation })),
  }),
  operationSlow: latency(0.99, byOperation),
};

type Side = "client" | "server";

/** Edges of the graph with the service as the one side, so that a choice of the service is one of that side. */
const asService = <L extends string>(side: Side, of: Vector<L | Side>) =>
  labelReplace(of, { from: side, pattern: "(.*)", to: "service", replacement: "$1" });

const edges = (side: Side, other: Side, metric: Metric<"counter", "client" | "server" | "connection_type">) =>
  sum(asService(side, rate(select(metric).over(over))), { by: ["service", other] });

const neighbours = (side: Side, other: Side) => {
  const all = edges(side, other, graphMetrics.requests);
  const observed = known(quantile(0.99, graphMetrics.latency, { over, by: ["client", "server"] }));
  return {
    rate: signal({
      title: "Requests per second",
      help: "How much goes from the one to the other.",
      unit: "none",
      expr: all,
    }),
    errors: signal({
      title: "Failed share",
      help: "Share of these requests that failed.",
      unit: "ratio",
      expr: share(edges(side, other, graphMetrics.failed), all),
    }),
    slow: signal({
      title: "Latency p99",
      help: "99% of these requests were answered faster, as the answering side measures it.",
      unit: "seconds",
      expr: max(asService(side, observed), { by: ["service", other] }),
    }),
  };
};

/** What a service calls, and who calls it. */
export const calledSignals = neighbours("client", "server");
export const callerSignals = neighbours("server", "client");

const ofService = (of: Vector<"slo_id">) =>
  max(labelReplace(withSloInfo(of), { from: "slo_service", pattern: "(.*)", to: "service", replacement: "$1" }), {
    by: ["service", "slo_id", "slo_name", "slo_objective", "slo_window"],
  });

/** The objectives of a service: those whose specifications name it so. */
export const serviceSloSignals = {
  worst: signal({
    title: "Least budget left",
    help: "Of the service's objectives; below 0 one is missed.",
    unit: "ratio",
    expr: min(ofService(sloBudgetLeft), { by: byService }),
    levels: BUDGET_LEVELS,
  }),
  budgets: signal({
    title: "Budget left",
    help: "The service's objectives, the worst first; below 0 an objective is missed.",
    unit: "ratio",
    expr: ascending(ofService(sloBudgetLeft)),
    levels: BUDGET_LEVELS,
  }),
  burns: signal({
    title: "Burn now",
    help: "Over 5 minutes; at 1 the budget is just used up at the end of the window.",
    unit: "none",
    expr: ofService(max(select(sloMetrics.currentBurn), { by: ["slo_id"] })),
  }),
};
