import { hours } from "../../../core/duration.ts";
import { greater, increase, max, scalarMinus, selectScraped, subtract, sum, time } from "../../../core/promql.ts";
import { replicaMetrics as metrics } from "../../../core/replica-metrics.ts";
import { signal } from "../../../core/signal.ts";

/** Replicas of one database are scraped as one job. */
const by = ["job"] as const;

/** What alerts and the dashboard ask of replicas that divide the targets. */
export const replicaSignals = {
  isMember: signal({
    title: "Takes part in polling",
    help: "0 while the replica polls nothing, because it can not be sure which targets are its own.",
    unit: "boolean",
    expr: selectScraped(metrics.isMember),
  }),
  notPolled: signal({
    title: "Targets that no replica polls",
    help: "Configured targets without one that Prometheus reaches: their series are absent, so that their alerts stay silent.",
    unit: "none",
    expr: subtract(max(selectScraped(metrics.configured), { by }), sum(selectScraped(metrics.polled), { by })),
  }),
  polled: signal({
    title: "Targets of each replica",
    help: "They should be about the same; a replica that joins or leaves moves only its own share.",
    unit: "none",
    expr: selectScraped(metrics.polled),
  }),
  members: signal({
    title: "Replicas that divide the targets",
    help: "As each of them sees it: where they differ for longer than half a minute, one of them is cut off from the database.",
    unit: "none",
    expr: selectScraped(metrics.members),
  }),
  renewalAge: signal({
    title: "Time since the last renewal",
    help: "Each replica renews its membership every 5 s; after 12 s without an answer it stops to poll.",
    unit: "seconds",
    expr: scalarMinus(time(), selectScraped(metrics.renewalTime)),
  }),
  lapses: signal({
    title: "Stopped to poll in the last hour",
    help: "How often a replica lost its targets: the database was away, or its own process stood still.",
    unit: "none",
    expr: greater(sum(increase(selectScraped(metrics.lapses).over(hours(1))), { by: ["instance"] }), 0),
  }),
};
