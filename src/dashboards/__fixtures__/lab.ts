import { alert, type Severity } from "../../core/alert.ts";
import { panel, type Dashboard } from "../../core/dashboard.ts";
import { minutes } from "../../core/duration.ts";
import { counter, gauge, histogram, info } from "../../core/metric.ts";
import { quantile } from "../../core/promql-histogram.ts";
import { equal, greater, max, rate, rateInterval, select, type Vector } from "../../core/promql.ts";
import { signal } from "../../core/signal.ts";

/** Metrics of a laboratory with disks. */
export const labMetrics = {
  used: gauge("lab_used_ratio", { help: "x", unit: "ratio", labels: ["node", "disk"] }),
  up: gauge("lab_up", { help: "x", unit: "boolean", labels: ["node"] }),
  version: info("lab_version_info", { help: "x", labels: ["node", "version"] }),
  reads: counter("lab_reads_total", { help: "x", labels: ["node", "disk"] }),
  saved: gauge("lab_saved_timestamp_seconds", { help: "x", unit: "timestamp", labels: ["node"] }),
  latency: histogram("lab_latency_seconds", { help: "x", unit: "seconds" }),
};

/** One signal of each unit that matters. */
export const labSignals = {
  used: signal({ title: "Space in use", help: "How full it is.", unit: "ratio", expr: select(labMetrics.used) }),
  worst: signal({
    title: "Fullest disk",
    help: "x",
    unit: "ratio",
    expr: max(select(labMetrics.used), { by: ["node"] }),
  }),
  up: signal({ title: "Up", help: "Whether it answers.", unit: "boolean", expr: select(labMetrics.up) }),
  version: signal({ title: "Version", help: "x", unit: "none", expr: select(labMetrics.version) }),
  reads: signal({ title: "Reads", help: "x", unit: "none", expr: rate(select(labMetrics.reads).over(rateInterval)) }),
  saved: signal({ title: "Saved", help: "x", unit: "timestamp", expr: select(labMetrics.saved) }),
  latency: signal({
    title: "Latency",
    help: "x",
    unit: "seconds",
    expr: quantile(0.99, labMetrics.latency, { over: rateInterval }),
  }),
};

const alertOf = (name: string, severity: Severity, when: Vector<string>) =>
  alert({ name, severity, when, for: minutes(1), summary: () => "", description: () => "" });

/** A disk that fills, and a node that is down. */
export const labAlerts = [
  alertOf("LabFilling", "warning", greater(labSignals.used.expr, 0.8)),
  alertOf("LabFull", "critical", greater(labSignals.used.expr, 0.95)),
  alertOf("LabDown", "critical", equal(labSignals.up.expr, 0)),
];

/** What a dashboard is resolved with. */
export const labContext = { alerts: labAlerts, externalUrl: "https://watch.test" };

/** A dashboard with one panel of each kind. */
export const labDashboard: Dashboard = {
  id: "lab",
  title: "Laboratory",
  description: "Is the laboratory well?",
  variables: [
    { name: "target", title: "Laboratory", metric: labMetrics.up },
    { name: "node", title: "Node", metric: labMetrics.up },
    { name: "disk", title: "Disk", metric: labMetrics.used, multiple: false },
  ],
  explore: { logs: 'host.name:"{{node}}"', traces: '{ resource.host.name = "{{node}}" }' },
  rows: [
    {
      title: "Summary",
      panels: [
        panel("stat", labSignals.up),
        panel("stat", labSignals.saved),
        panel("bargauge", labSignals.worst, { drillDown: { dashboard: "lab", variables: { node: "node" } } }),
        panel("timeseries", labSignals.used, { emptyWhen: "there is no disk" }),
        panel("timeseries", labSignals.latency, { exemplars: true }),
        panel("state-timeline", labSignals.up, { title: "Up over time" }),
        panel("table", labSignals.used, {
          title: "Disks",
          and: [labSignals.saved, labSignals.version],
          drillDown: { dashboard: "lab", variables: { node: "node", disk: "disk" } },
        }),
      ],
    },
    {
      title: "Details",
      collapsed: true,
      panels: [
        panel("timeseries", labSignals.reads),
        { kind: "logs", title: "Errors", help: "x", query: "host.name:$node AND log.level:error" },
        { kind: "traces", title: "Slow traces", help: "x", query: "{ duration > 1s }" },
        { kind: "service-map", title: "Map", help: "x", query: "" },
        { kind: "alerts", title: "Alerts", help: "x", matchers: ['target="$target"'] },
      ],
    },
    { title: "End", panels: [panel("table", labSignals.version)] },
  ],
};
