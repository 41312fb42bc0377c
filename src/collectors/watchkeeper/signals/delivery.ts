import { alertingMetrics as metrics } from "../../../core/alerting-metrics.ts";
import { hours, minutes } from "../../../core/duration.ts";
import type { Metric } from "../../../core/metric.ts";
import {
  countWhere,
  equal,
  greater,
  increase,
  known,
  max,
  min,
  rate,
  scalarMinus,
  selectUntargeted as select,
  sum,
  time,
} from "../../../core/promql.ts";
import { quantile } from "../../../core/promql-histogram.ts";
import { signal, type Level } from "../../../core/signal.ts";
import { serviceSignals } from "./service.ts";

const perSecond = <L extends string>(of: Metric<"counter", L>) => rate(select(of).over(minutes(5)));
const inAnHour = <L extends string>(of: Metric<"counter", L>) => increase(select(of).over(hours(1)));

/** Watchkeeper raises these alerts by itself, without a rule that would say from where on it is bad. */
const anyIs = (severity: "critical" | "warning"): readonly Level[] => [
  { from: null, severity: "ok" },
  { from: 1, severity },
];

/** All replicas tell of the one store that they share. */
const inState = (state: string) => max(select(metrics.conversations, { state }), { by: ["destination"] });
const broken = max(select(metrics.broken), { by: ["destination"] });

const { oldestMessageAge, storeWritable, repairAge } = serviceSignals;

const intakeLatency = (share: number) =>
  signal({
    title: `p${share * 100}`,
    help: "From a notification's last byte to its 202, the write to disk included; Alertmanager gives up after 10 s.",
    unit: "seconds",
    expr: known(quantile(share, metrics.intakeDuration, { over: minutes(5) })),
  });

const DELAY_HELP = "From a new group's arrival to its first message at the destination: how long people do not know.";

const firstMessageDelay = (share: number) =>
  signal({
    title: `p${share * 100}`,
    help: DELAY_HELP,
    unit: "seconds",
    expr: known(quantile(share, metrics.firstTold, { over: minutes(5), by: ["destination"] })),
  });

/** What the dashboard asks of the alerts that come in. */
export const intakeSignals = {
  received: signal({
    title: "Notifications per second",
    help: "By source, copies included; one that is silent for long may have lost its way here.",
    unit: "none",
    expr: sum(perSecond(metrics.received), { by: ["source"] }),
  }),
  copies: signal({
    title: "Copies per second",
    help: "Notifications that another replica of Alertmanager sent too; they are told once.",
    unit: "none",
    expr: sum(perSecond(metrics.copies), { by: ["source"] }),
  }),
  rejected: signal({
    title: "Rejected in the last hour",
    help: "Requests that were not taken, by reason: the alerts in them are lost unless the source tries again.",
    unit: "none",
    expr: greater(sum(inAnHour(metrics.rejected), { by: ["source", "reason"] }), 0),
  }),
  intakeMedian: intakeLatency(0.5),
  intakeSlow: intakeLatency(0.99),
  heartbeatAge: signal({
    title: "Time since the last watchdog",
    help: "By source with a watchdog; when it grows, that Prometheus or Alertmanager no longer reaches Watchkeeper.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(metrics.lastHeartbeat), { by: ["source"] })),
  }),
  repairAgeBySource: signal({ ...repairAge, expr: max(repairAge.expr, { by: ["source"] }) }),
  repaired: signal({
    title: "Alerts put right in the last hour",
    help: "Alerts whose state no notification told; many mean that notifications are lost on their way.",
    unit: "none",
    expr: sum(inAnHour(metrics.repaired), { by: ["source", "state"] }),
  }),
  pings: signal({
    title: "Signs of life per second",
    help: "To the dead man's switch, by outcome; without success it will call somebody.",
    unit: "none",
    expr: sum(perSecond(metrics.deadManPings), { by: ["outcome"] }),
  }),
};

/** What the dashboard asks of the messages that go out. */
export const deliverySignals = {
  oldestMessage: signal({
    ...oldestMessageAge,
    title: "Oldest message that waits",
    help: "How long somebody has not been told; what a time interval holds back does not count.",
    expr: max(oldestMessageAge.expr),
  }),
  brokenDestinations: signal({
    title: "Broken destinations",
    help: "Destinations that get nothing but probes, because they failed too often or need a person.",
    unit: "none",
    expr: countWhere(broken, (of) => equal(of, 1)),
    levels: anyIs("critical"),
  }),
  dead: signal({
    title: "Dead letters",
    help: "Messages that are not tried any more: `watchkeeper deliveries` lists them.",
    unit: "none",
    expr: sum(inState("dead")),
    levels: anyIs("warning"),
  }),
  pending: signal({
    title: "Conversations that wait",
    help: "What somebody is still to be told; it should fall to 0 within seconds of an alert.",
    unit: "none",
    expr: sum(inState("pending")),
  }),
  storeIsWritable: signal({ ...storeWritable, expr: min(storeWritable.expr) }),
  delivered: signal({
    title: "Deliveries per second",
    help: "By destination and what they brought about: a message opened, updated, repeated or closed.",
    unit: "none",
    expr: sum(perSecond(metrics.delivered), { by: ["destination", "action"] }),
  }),
  failures: signal({
    title: "Failed attempts in the last hour",
    help: "By destination and reason; they are tried again, but one that goes on needs somebody.",
    unit: "none",
    expr: greater(sum(inAnHour(metrics.failures), { by: ["destination", "reason"] }), 0),
  }),
  firstMessage: signal({
    title: "Delay to the first message, p99",
    help: DELAY_HELP,
    unit: "seconds",
    expr: known(quantile(0.99, metrics.firstTold, { over: minutes(5) })),
  }),
  firstMedian: firstMessageDelay(0.5),
  firstUsual: firstMessageDelay(0.9),
  firstSlow: firstMessageDelay(0.99),
  deliverySlow: signal({
    title: "Duration of a delivery, p99",
    help: "How long destinations take to accept a message; from 30 s on attempts run out of time.",
    unit: "seconds",
    expr: known(quantile(0.99, metrics.deliveryDuration, { over: minutes(5), by: ["destination"] })),
  }),
  conversations: signal({
    title: "Conversations by state",
    help: "Pending ones wait, dead ones are given up, dropped ones a person took off, rolled-up ones a storm's summary tells of.",
    unit: "none",
    expr: sum(max(select(metrics.conversations), { by: ["destination", "state"] }), { by: ["state"] }),
  }),
  pendingByDestination: signal({
    title: "Conversations that wait, by destination",
    help: "One that grows while others do not is a destination that is slow or gone.",
    unit: "none",
    expr: inState("pending"),
  }),
  oldestByDestination: signal({
    ...oldestMessageAge,
    title: "Oldest message that waits, by destination",
    expr: max(oldestMessageAge.expr, { by: ["destination"] }),
  }),
  brokenByDestination: signal({
    title: "Destination is broken",
    help: "1 while nothing but probes is sent there.",
    unit: "boolean",
    expr: broken,
  }),
  deadByDestination: signal({
    title: "Dead letters, by destination",
    help: "Messages that are not tried any more, with the destination that did not take them.",
    unit: "none",
    expr: inState("dead"),
    levels: anyIs("warning"),
  }),
  superseded: signal({
    title: "Left untold in the last hour",
    help: "Nothing was left to tell when their turn came, such as an alert that was over before.",
    unit: "none",
    expr: sum(inAnHour(metrics.superseded), { by: ["destination"] }),
  }),
  rolledUp: signal({
    title: "Rolled up in the last hour",
    help: "Conversations that a storm's summary tells of instead of a message of their own.",
    unit: "none",
    expr: sum(inAnHour(metrics.rolledUp), { by: ["destination"] }),
  }),
  leasesLost: signal({
    title: "Taken over by a replica in the last hour",
    help: "Deliveries that may be told twice; many mean that a replica is too slow or its clock is off.",
    unit: "none",
    expr: sum(inAnHour(metrics.leasesLost), { by: ["destination"] }),
  }),
};
