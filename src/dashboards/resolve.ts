import { createHash } from "node:crypto";
import type { Alert } from "../core/alert.ts";
import {
  dashboardUid,
  type Dashboard,
  type DashboardVariable,
  type Panel,
  type PanelRow,
  type SignalPanel,
} from "../core/dashboard.ts";
import type { Metric } from "../core/metric.ts";
import { printPromql } from "../core/promql-print.ts";
import { alertsAbout } from "./alert-levels.ts";
import { askingOf } from "./asking.ts";
import { describe } from "./description.ts";
import { COLUMNS, layOut } from "./layout.ts";
import { linksOf } from "./links.ts";
import { matcherOf } from "./narrow.ts";
import { queryOf, valuesOf } from "./query.ts";
import type {
  DataSource,
  ResolvedDashboard,
  ResolvedPanel,
  ResolvedRow,
  ResolvedSignals,
  ResolvedVariable,
} from "./resolved.ts";
import { sizeOf } from "./sizes.ts";
import { titleOf } from "./title.ts";

/** What a dashboard is resolved with. */
export interface ResolveContext {
  /** Those of all packs: panels take their thresholds from them. */
  readonly alerts: readonly Alert<string>[];
  /** URL of Watchkeeper as people reach it, without a final slash; runbooks are there. */
  readonly externalUrl: string;
}

/** Fills in everything that a dashboard leaves to the engine: queries, names, thresholds, places, ids, links. */
export function resolve(dashboard: Dashboard, context: ResolveContext): ResolvedDashboard {
  const taken = new Set<number>();
  let top = 0;
  const rows = dashboard.rows.map((row): ResolvedRow => {
    const { places, bottom } = layOut(row.panels.map(sizeOf), top + 1);
    const place = { x: 0, y: top, w: COLUMNS, h: 1 };
    const panels = row.panels.map((panel, i): ResolvedPanel => {
      const at = places[i] ?? place;
      const id = idOf(`${row.title}/${titleOf(panel)}`, taken);
      return resolvePanel(panel, { dashboard, context, base: { id, place: at } });
    });
    const collapsed = row.collapsed === true;
    top = collapsed ? top + 1 : bottom;
    return { id: idOf(row.title, taken), title: row.title, collapsed, place, panels };
  });
  return {
    uid: dashboardUid(dashboard.id),
    title: dashboard.title,
    description: dashboard.description,
    tags: ["watchkeeper"],
    dataSources: dataSourcesOf(dashboard),
    variables: dashboard.variables.map((variable, i) => resolveVariable(variable, dashboard.variables.slice(0, i))),
    alerts: alertsOf(dashboard, context),
    rows,
  };
}

/** A number made of a name, so that a new panel changes none of the others'. */
function idOf(name: string, taken: Set<number>): number {
  let id = (createHash("sha256").update(name).digest().readUInt32BE() % 1_000_000) + 1;
  while (taken.has(id)) id += 1;
  taken.add(id);
  return id;
}

interface PanelContext {
  readonly dashboard: Dashboard;
  readonly context: ResolveContext;
  readonly base: Pick<ResolvedPanel, "id" | "place">;
}

function resolvePanel(panel: Panel, of: PanelContext): ResolvedPanel {
  if (panel.kind === "signals") return resolveSignals(panel, of);
  const { title, help } = panel;
  const description = describe({ panel, help, alerts: [], externalUrl: of.context.externalUrl });
  const base = { ...of.base, title, help, description, ...emptyWhen(panel) };
  return panel.kind === "alerts"
    ? { ...base, kind: panel.kind, matchers: panel.matchers }
    : { ...base, kind: panel.kind, query: panel.query };
}

const emptyWhen = ({ emptyWhen: reason }: Panel) => (reason === undefined ? {} : { emptyWhen: reason });

function resolveSignals(panel: SignalPanel, { dashboard, context, base }: PanelContext): ResolvedSignals {
  const [first] = panel.signals;
  const about = panel.signals.flatMap(({ expr }) => alertsAbout(expr.node, context.alerts));
  const alerts = [...new Set(about.map(({ name }) => name))];
  const help = panel.help ?? first.help;
  return {
    ...base,
    ...emptyWhen(panel),
    kind: "signals",
    view: panel.view,
    title: titleOf(panel),
    help,
    description: describe({ panel, help, alerts, externalUrl: context.externalUrl }),
    ...valuesOf(first, context.alerts),
    queries: panel.signals.map((signal, i) => ({
      ...queryOf(signal, i, { panel, variables: dashboard.variables }),
      ...valuesOf(signal, context.alerts),
    })),
    ...askingOf(panel),
    exemplars: panel.exemplars === true,
    links: linksOf(panel, dashboard),
    alerts,
  };
}

/** Labels that a metric's series may carry: those that it declares, and those that the runtime and Prometheus add. */
export const labelsOf = ({ labels }: Metric): readonly string[] => ["target", "job", "instance", ...labels];

function resolveVariable(
  { name, title, metric, multiple = true }: DashboardVariable,
  before: readonly DashboardVariable[],
): ResolvedVariable {
  const labels = labelsOf(metric);
  const matchers = before.filter((each) => labels.includes(each.name)).map(matcherOf);
  const selector = printPromql({ kind: "selector", metric: metric.name, labels, matchers });
  return { name, title, query: `label_values(${selector}, ${name})`, multiple };
}

/** Alerts about anything that the dashboard shows. */
function alertsOf({ rows }: Dashboard, { alerts }: ResolveContext): readonly string[] {
  const signals = rows.flatMap(({ panels }: PanelRow) =>
    panels.flatMap((panel) => (panel.kind === "signals" ? panel.signals : [])),
  );
  const names = signals.flatMap(({ expr }) => alertsAbout(expr.node, alerts).map(({ name }) => name));
  return [...new Set(names)].toSorted();
}

function dataSourcesOf({ rows, explore = {} }: Dashboard): readonly DataSource[] {
  const kinds = new Set(rows.flatMap(({ panels }) => panels.map(({ kind }) => kind)));
  const asksTempo = kinds.has("traces") || kinds.has("service-map") || explore.traces !== undefined;
  return [
    "prometheus",
    ...(kinds.has("logs") || explore.logs !== undefined ? (["elasticsearch"] as const) : []),
    ...(asksTempo ? (["tempo"] as const) : []),
  ];
}
