import { dashboardUid, type Dashboard, type Panel, type SignalPanel } from "../core/dashboard.ts";
import { labelsOf } from "./resolve.ts";
import { seriesLabels } from "./series-labels.ts";
import { titleOf } from "./title.ts";

/** Grafana takes 40 characters of a uid. */
const LONGEST_ID = 40 - dashboardUid("").length;

/** What is wrong with dashboards as they are declared, each as one sentence that names the dashboard and the panel. */
export const faultsOf = (dashboards: readonly Dashboard[]): readonly string[] => [
  ...twice(dashboards, "id"),
  // Grafana keeps only one of two dashboards of a folder that have one title
  ...twice(dashboards, "title"),
  ...dashboards.flatMap((dashboard) => [
    ...idFaults(dashboard),
    ...variableFaults(dashboard),
    ...dashboard.rows.flatMap(({ panels }) =>
      panels.flatMap((panel) =>
        panelFaults(panel, dashboards).map((fault) => `dashboard ${dashboard.id}, panel "${titleOf(panel)}": ${fault}`),
      ),
    ),
  ]),
];

function twice(dashboards: readonly Dashboard[], field: "id" | "title"): readonly string[] {
  const values = dashboards.map((dashboard) => dashboard[field]);
  const repeated = new Set(values.filter((value, i) => values.indexOf(value) !== i));
  return [...repeated].map((value) => `two dashboards have the ${field} "${value}"`);
}

const idFaults = ({ id }: Dashboard): readonly string[] => [
  ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) ? [] : [`dashboard ${id}: an id is of small letters, digits and hyphens`]),
  ...(id.length > LONGEST_ID
    ? [`dashboard ${id}: the id has ${id.length} characters, at most ${LONGEST_ID} are possible`]
    : []),
];

const variableFaults = ({ id, variables }: Dashboard): readonly string[] =>
  variables
    .filter(({ name, metric }) => !labelsOf(metric).includes(name))
    .map(({ name, metric }) => `dashboard ${id}, variable ${name}: the metric ${metric.name} has no such label`);

const panelFaults = (panel: Panel, dashboards: readonly Dashboard[]): readonly string[] =>
  panel.kind === "signals" ? [...unitFaults(panel), ...drillDownFaults(panel, dashboards)] : [];

function unitFaults({ view, signals: [first, ...others] }: SignalPanel): readonly string[] {
  // each column of a table has its own
  const other = view === "table" ? undefined : others.find(({ unit }) => unit !== first.unit);
  return other === undefined
    ? []
    : [`"${other.title}" is in ${other.unit}, and "${first.title}" in ${first.unit}; only a table has several units`];
}

function drillDownFaults({ drillDown, signals }: SignalPanel, dashboards: readonly Dashboard[]): readonly string[] {
  if (drillDown === undefined) return [];
  const to = dashboards.find(({ id }) => id === drillDown.dashboard);
  if (to === undefined) return [`it leads to the dashboard ${drillDown.dashboard}, which there is not`];
  const labels = seriesLabels(signals[0].expr.node);
  return Object.entries(drillDown.variables).flatMap(([name, label]) => [
    ...(to.variables.some((variable) => variable.name === name)
      ? []
      : [`it sets the variable ${name}, which the dashboard ${to.id} has not`]),
    ...(labels.includes(label) ? [] : [`it leads on by the label ${label}, which its series do not carry`]),
  ]);
}
