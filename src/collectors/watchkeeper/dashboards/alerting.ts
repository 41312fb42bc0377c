import { alertingMetrics } from "../../../core/alerting-metrics.ts";
import { panel, type Dashboard, type PanelRow } from "../../../core/dashboard.ts";
import { evidenceSignals as evidenced } from "../signals/evidence.ts";
import { deliverySignals as delivery, intakeSignals as intake } from "../signals/delivery.ts";

const OFF = "`alerting` is not configured";
const NONE_WAITS = "no message waits";
const NO_NOTIFICATION = "no notification came";
const NO_MESSAGE = "no new alert was told";
const NO_EVIDENCE = "`evidence` is not configured, or nothing fired";
const NOTHING_FAILS = "nothing fails";

const summary: PanelRow = {
  title: "Are people told?",
  panels: [
    panel("stat", delivery.oldestMessage, { emptyWhen: NONE_WAITS }),
    panel("stat", delivery.brokenDestinations, { emptyWhen: OFF }),
    panel("stat", delivery.dead, { emptyWhen: OFF }),
    panel("stat", delivery.pending, { emptyWhen: OFF }),
    panel("stat", delivery.storeIsWritable, { emptyWhen: `${OFF}, or nothing was written yet` }),
    panel("stat", delivery.firstMessage, { emptyWhen: NO_MESSAGE }),
  ],
};

const queue: PanelRow = {
  title: "What waits",
  panels: [
    panel("timeseries", delivery.conversations, { emptyWhen: OFF }),
    panel("timeseries", delivery.pendingByDestination, { emptyWhen: OFF }),
    panel("timeseries", delivery.oldestByDestination, { emptyWhen: NONE_WAITS }),
    panel("timeseries", delivery.deadByDestination, { emptyWhen: OFF }),
    panel("state-timeline", delivery.brokenByDestination, { width: 12, emptyWhen: OFF }),
    {
      kind: "alerts",
      title: "Alerts about Watchkeeper",
      help: "What Alertmanager has of them; what Watchkeeper raises by itself goes straight to its destinations and is not here.",
      matchers: ['alertname=~"Watchkeeper.*"'],
      height: 7,
      emptyWhen: "Watchkeeper is well",
    },
  ],
};

const outgoing: PanelRow = {
  title: "What goes out",
  panels: [
    panel("timeseries", delivery.delivered, { emptyWhen: OFF }),
    panel("timeseries", delivery.failures, { emptyWhen: NOTHING_FAILS }),
    panel("timeseries", delivery.firstMedian, {
      and: [delivery.firstUsual, delivery.firstSlow],
      title: "Delay to the first message",
      exemplars: true,
      emptyWhen: NO_MESSAGE,
    }),
    panel("timeseries", delivery.deliverySlow, { exemplars: true, emptyWhen: "nothing was delivered" }),
  ],
};

const incoming: PanelRow = {
  title: "What comes in",
  panels: [
    panel("timeseries", intake.received, { and: [intake.copies], emptyWhen: OFF }),
    panel("timeseries", intake.intakeMedian, {
      and: [intake.intakeSlow],
      title: "Latency of the intake",
      exemplars: true,
      emptyWhen: NO_NOTIFICATION,
    }),
    panel("timeseries", intake.rejected, { emptyWhen: "every request is taken" }),
    panel("timeseries", intake.heartbeatAge, { emptyWhen: "no source has a watchdog" }),
    panel("timeseries", intake.repairAgeBySource, { emptyWhen: "no source names its Alertmanager" }),
    panel("timeseries", intake.repaired, { emptyWhen: OFF }),
  ],
};

const evidence: PanelRow = {
  title: "Evidence",
  collapsed: true,
  panels: [
    panel("timeseries", evidenced.evidenceLooked, { width: 8, emptyWhen: NO_EVIDENCE }),
    panel("timeseries", evidenced.evidenceMedian, {
      and: [evidenced.evidenceSlow],
      title: "Time to find evidence",
      width: 8,
      emptyWhen: NO_EVIDENCE,
    }),
    panel("timeseries", evidenced.evidenceWaiting, { width: 8, emptyWhen: NO_EVIDENCE }),
  ],
};

const details: PanelRow = {
  title: "Storms, replicas and the dead man's switch",
  collapsed: true,
  panels: [
    panel("timeseries", delivery.rolledUp, { emptyWhen: OFF }),
    panel("timeseries", delivery.superseded, { emptyWhen: OFF }),
    panel("timeseries", delivery.leasesLost, { emptyWhen: OFF }),
    panel("timeseries", intake.pings, { emptyWhen: "no dead man's switch is configured" }),
  ],
};

/** Whether what fires also reaches people. */
export const alertingDashboard: Dashboard = {
  id: "alerting",
  title: "Alerting and delivery",
  description: "Do alerts come in, do people get told, how fast, and what is stuck where and why?",
  variables: [
    { name: "source", title: "Source", metric: alertingMetrics.received },
    { name: "destination", title: "Destination", metric: alertingMetrics.conversations },
  ],
  summary: [
    delivery.oldestMessage,
    delivery.brokenDestinations,
    delivery.dead,
    delivery.pending,
    delivery.storeIsWritable,
  ],
  explore: { logs: 'service.name:"watchkeeper" AND "{{destination}}"' },
  rows: [summary, queue, outgoing, incoming, evidence, details],
};
