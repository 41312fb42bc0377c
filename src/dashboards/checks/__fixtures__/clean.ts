import { labAlerts, labDashboard, labMetrics, labSignals } from "../../__fixtures__/lab.ts";
import type { CheckContext } from "../context.ts";

const prometheus = { type: "prometheus", uid: "${datasource}" };
const elasticsearch = { type: "elasticsearch", uid: "${elasticsearch_datasource}" };
const tempo = { type: "tempo", uid: "${tempo_datasource}" };

const source = (query: string, name: string) => ({ type: "datasource", name, label: query, query });

const variable = (name: string, multi: boolean) => ({
  type: "query",
  name,
  label: name,
  datasource: prometheus,
  query: `label_values(lab_up, ${name})`,
  refresh: 2,
  multi,
  includeAll: multi,
  ...(multi && { allValue: ".+" }),
});

const explore = encodeURIComponent(
  JSON.stringify({ a: { queries: [{ query: 'host.name:"x"', datasource: elasticsearch }] } }),
);

const steps = [
  { value: null, color: "green" },
  { value: 0.8, color: "orange" },
  { value: 0.95, color: "red" },
];

const used = {
  id: 2,
  type: "timeseries",
  title: "Space in use",
  description: "How full it is.\n\nAlerts: [LabFull](https://watch.test/runbooks/LabFull)",
  gridPos: { x: 0, y: 1, w: 12, h: 8 },
  datasource: prometheus,
  targets: [{ refId: "A", datasource: prometheus, expr: 'lab_used_ratio{node=~"$node"}' }],
  fieldConfig: {
    defaults: {
      unit: "percentunit",
      thresholds: { steps },
      mappings: [],
      links: [
        {
          title: "More",
          url: "/d/lab?var-node=${__field.labels.node:percentencode}&${__url_time_range}&${datasource:queryparam}",
        },
        { title: "Logs", url: `/explore?schemaVersion=1&panes=${explore}` },
      ],
    },
    overrides: [],
  },
};

const disks = {
  id: 3,
  type: "table",
  title: "Disks",
  description: "x",
  gridPos: { x: 12, y: 1, w: 12, h: 8 },
  datasource: prometheus,
  targets: [
    { refId: "A", datasource: prometheus, expr: 'max by (node) (lab_used_ratio{node=~"$node"})' },
    {
      refId: "B",
      datasource: prometheus,
      expr: 'sum by (node) (rate(lab_reads_total{node=~"$node"}[$__rate_interval]))',
    },
    { refId: "C", datasource: prometheus, expr: 'lab_version_info{node=~"$node"}' },
  ],
  transformations: [
    { id: "organize", options: { renameByName: { node: "Node", "Value #A": "Fullest", "Value #B": "Reads" } } },
  ],
  fieldConfig: {
    defaults: {},
    overrides: [
      {
        matcher: { id: "byName", options: "Fullest" },
        properties: [
          { id: "unit", value: "percentunit" },
          { id: "thresholds", value: { steps } },
        ],
      },
      { matcher: { id: "byName", options: "Reads" }, properties: [{ id: "unit", value: "short" }] },
    ],
  },
};

const up = {
  id: 5,
  type: "stat",
  title: "Up",
  description: "Whether it answers.",
  gridPos: { x: 0, y: 10, w: 6, h: 4 },
  datasource: prometheus,
  targets: [{ refId: "A", datasource: prometheus, expr: 'lab_up{node=~"$node"}' }],
  fieldConfig: {
    defaults: {
      unit: "bool_yes_no",
      mappings: [
        { type: "value", options: { "0": { text: "No", color: "red" }, "1": { text: "Yes", color: "green" } } },
      ],
    },
    overrides: [],
  },
};

const search = (id: number, x: number, type: string, of: object) => ({
  id,
  type,
  title: `Search ${id}`,
  description: "x",
  gridPos: { x, y: 10, w: 6, h: 4 },
  ...of,
});

const logs = search(6, 6, "logs", {
  datasource: elasticsearch,
  targets: [
    {
      refId: "A",
      datasource: elasticsearch,
      query: 'host.name:$node AND NOT (log.level:("debug" OR trace) OR severity_number:>=17) AND message:"a \\" [b"',
      metrics: [{ id: "1", type: "logs" }],
      bucketAggs: [],
    },
  ],
});

const traces = search(7, 12, "table", {
  datasource: tempo,
  targets: [
    {
      refId: "A",
      datasource: tempo,
      queryType: "traceql",
      query:
        '{ resource.service.name = "$service" && (status = error || duration > 1s) } >> { span.x =~ "${node:regex}" } | count() > 2',
    },
  ],
});

const alerts = search(8, 18, "alertlist", { options: { alertInstanceLabelFilter: '{node=~"$node"}' } });

/** A dashboard without a fault, written by hand; each call gives one of its own, to be broken. */
export const cleanDashboard = () =>
  structuredClone({
    uid: "lab",
    title: "Laboratory",
    editable: false,
    links: [{ type: "dashboards", url: "" }],
    templating: {
      list: [
        source("prometheus", "datasource"),
        source("elasticsearch", "elasticsearch_datasource"),
        source("tempo", "tempo_datasource"),
        variable("node", true),
        variable("service", false),
      ],
    },
    annotations: {
      list: [{ name: "Alerts", datasource: prometheus, target: { expr: 'ALERTS{alertstate="firing"}' } }],
    },
    panels: [
      { id: 1, type: "row", title: "All", collapsed: false, gridPos: { x: 0, y: 0, w: 24, h: 1 }, panels: [] },
      used,
      disks,
      {
        id: 4,
        type: "row",
        title: "Details of $node",
        collapsed: true,
        gridPos: { x: 0, y: 9, w: 24, h: 1 },
        panels: [up, logs, traces, alerts],
      },
    ],
  });

/** What the dashboard is compared with. */
export const cleanContext: CheckContext = {
  dashboards: new Map([["lab", ["datasource", "node"]]]),
  metrics: new Map<string, readonly string[]>([
    ...Object.values(labMetrics).map(({ name, labels }) => [name, labels] as const),
    ["lab_latency_seconds_bucket", []],
    ["lab_latency_seconds_count", []],
    ["ALERTS", ["alertname"]],
  ]),
  alerts: labAlerts,
  runbooks: new Set(["LabFull"]),
  signals: [
    ...labDashboard.rows.flatMap(({ panels }) =>
      panels.flatMap((each) => (each.kind === "signals" ? each.signals : [])),
    ),
    {
      ...labSignals.reads,
      levels: [
        { from: null, severity: "ok" },
        { from: 5, severity: "info" },
      ],
    },
  ],
};
