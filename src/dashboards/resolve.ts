import { createHash } from "node:crypto";
import type { Alert } from "../core/alert.ts";
import type { Dashboard, DashboardVariable, Panel, PanelRow, SignalPanel } from "../core/dashboard.ts";
import { printPromql } from "../core/promql-print.ts";
import type { Signal } from "../core/signal.ts";
import { alertsAbout, levelsOf, severityAt } from "./alert-levels.ts";
import { COLUMNS, layOut } from "./layout.ts";
import { linksOf } from "./links.ts";
import { matcherOf, narrow } from "./narrow.ts";
import type {
  DataSource,
  ResolvedDashboard,
  ResolvedPanel,
  ResolvedQuery,
  ResolvedRow,
  ResolvedSignals,
  ResolvedVariable,
} from "./resolved.ts";
import { seriesLabels } from "./series-labels.ts";
import { sizeOf } from "./sizes.ts";
import { uidOf } from "./uid.ts";

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
    uid: uidOf(dashboard.id),
    title: dashboard.title,
    description: dashboard.description,
    tags: ["watchkeeper"],
    dataSources: dataSourcesOf(dashboard),
    variables: dashboard.variables.map((variable, i) => resolveVariable(variable, dashboard.variables.slice(0, i))),
    alerts: alertsOf(dashboard, context),
    rows,
  };
}

const titleOf = (panel: Panel): string =>
  panel.kind === "signals" ? (panel.title ?? panel.signals[0].title) : panel.title;

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
  const base = { ...of.base, title: panel.title, help: panel.help, ...emptyWhen(panel) };
  return panel.kind === "alerts"
    ? { ...base, kind: panel.kind, matchers: panel.matchers }
    : { ...base, kind: panel.kind, query: panel.query };
}

const emptyWhen = ({ emptyWhen: reason }: Panel) => (reason === undefined ? {} : { emptyWhen: reason });

function resolveSignals(panel: SignalPanel, { dashboard, context, base }: PanelContext): ResolvedSignals {
  const [first] = panel.signals;
  const { node } = first.expr;
  const about = panel.signals.flatMap(({ expr }) => alertsAbout(expr.node, context.alerts));
  const [zero, one] = [0, 1].map((value) => severityAt(node, context.alerts, value));
  return {
    ...base,
    ...emptyWhen(panel),
    kind: "signals",
    view: panel.view,
    title: titleOf(panel),
    help: panel.help ?? first.help,
    unit: first.unit,
    queries: panel.signals.map((signal, i) => queryOf(signal, i, { panel, variables: dashboard.variables })),
    levels: first.unit === "boolean" ? [] : levelsOf(node, context.alerts),
    ...(first.unit === "boolean" && zero !== undefined && one !== undefined && { booleans: { zero, one } }),
    exemplars: panel.exemplars === true,
    links: linksOf(panel, dashboard),
    alerts: [...new Set(about.map(({ name }) => name))],
  };
}

function queryOf(
  { title, unit, expr }: Signal<string>,
  index: number,
  { panel, variables }: { panel: SignalPanel; variables: readonly DashboardVariable[] },
): ResolvedQuery {
  const labels = seriesLabels(expr.node);
  const promql = printPromql(narrow(expr.node, variables), "$__rate_interval");
  const names = labels.filter((name) => variables.find((variable) => variable.name === name)?.multiple !== false);
  const series = names.map((name) => `{{${name}}}`).join(" ");
  const several = panel.signals.length > 1 ? `${title} ${series}`.trim() : series;
  return {
    refId: String.fromCodePoint(65 + index),
    // Grafana's dates are in milliseconds
    expr: unit === "timestamp" ? `(${promql}) * 1000` : promql,
    legend: panel.legend ?? (several === "" ? title : several),
    title,
    labels,
  };
}

function resolveVariable(
  { name, title, metric, multiple = true }: DashboardVariable,
  before: readonly DashboardVariable[],
): ResolvedVariable {
  const labels = ["target", ...metric.labels];
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
    ...(kinds.has("alerts") ? (["alertmanager"] as const) : []),
  ];
}
