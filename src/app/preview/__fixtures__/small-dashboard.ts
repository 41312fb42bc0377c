import type { ResolvedQuery } from "../../../dashboards/resolved.ts";
import type { ResolvedDashboard, ResolvedSignals } from "../preview.ts";

const levels = [
  { from: null, severity: "ok" },
  { from: 0.8, severity: "warning" },
  { from: 0.9, severity: "critical" },
] as const;

const used: ResolvedQuery = {
  refId: "A",
  expr: 'used{node=~"$node"}',
  legend: "{{node}} {{device}}",
  title: "Used",
  labels: ["node", "device"],
  unit: "ratio",
  levels,
};

const over = (id: number, view: ResolvedSignals["view"], y: number): ResolvedSignals => ({
  kind: "signals",
  id,
  view,
  title: `Used, as ${view}`,
  help: "How full <it> is.",
  description: "How full <it> is.",
  unit: "ratio",
  levels,
  exemplars: false,
  links: [
    {
      title: "More of this one",
      url: "/d/watchkeeper-small?var-node=${__field.labels.node:percentencode}&${__url_time_range}",
    },
  ],
  alerts: ["DiskFull"],
  place: { x: 0, y, w: 12, h: 8 },
  queries: [used],
  emptyWhen: "there is no disk",
});

/** A dashboard with a chart (1), a number (2), states (3) and what only Grafana shows (4). */
export const small: ResolvedDashboard = {
  uid: "watchkeeper-small",
  title: "Small & simple",
  description: "Is the disk full?",
  tags: ["watchkeeper"],
  dataSources: ["prometheus", "elasticsearch"],
  variables: [{ name: "node", title: "Node", query: "label_values(used, node)", multiple: true }],
  alerts: ["DiskFull"],
  rows: [
    {
      id: 10,
      title: "Disks",
      collapsed: false,
      place: { x: 0, y: 0, w: 24, h: 1 },
      panels: [
        over(1, "timeseries", 1),
        over(2, "stat", 1),
        over(3, "state-timeline", 9),
        {
          id: 4,
          kind: "logs",
          title: "Log lines",
          help: "What it says.",
          description: "What it says.",
          place: { x: 0, y: 17, w: 24, h: 8 },
          query: 'host.name:"$node"',
        },
      ],
    },
  ],
};

/** The same with a second variable, of one value. */
export const single: ResolvedDashboard = {
  ...small,
  uid: "watchkeeper-single",
  variables: [
    ...small.variables,
    { name: "device", title: "Device", query: 'label_values(used{node=~"$node"}, device)', multiple: false },
  ],
};
