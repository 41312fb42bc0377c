import type { Alert } from "../core/alert.ts";
import type { DashboardVariable, SignalPanel } from "../core/dashboard.ts";
import type { Unit } from "../core/metric.ts";
import type { Node } from "../core/promql-tree.ts";
import type { Signal } from "../core/signal.ts";
import { levelsOf, severityAt, type Level } from "./alert-levels.ts";
import { panelPromql } from "./panel-promql.ts";
import type { ResolvedQuery, ResolvedValues } from "./resolved.ts";
import { seriesLabels } from "./series-labels.ts";

/** How a signal's values are written and judged: as its alerts say, else as it says itself. */
export function valuesOf(
  { unit, expr, levels = [] }: Signal<string>,
  alerts: readonly Alert<string>[],
): ResolvedValues {
  if (unit !== "boolean") {
    const fromAlerts = levelsOf(expr.node, alerts);
    return { unit, levels: (fromAlerts.length > 0 ? fromAlerts : levels).map((level) => inGrafana(level, unit)) };
  }
  const [zero, one] = [0, 1].map((value) => severityAt(expr.node, alerts, value));
  return { unit, levels: [], ...(zero !== undefined && one !== undefined && { booleans: { zero, one } }) };
}

/** Grafana's dates are in milliseconds. */
const MILLISECONDS = 1000;

const inGrafana = (level: Level, unit: Unit): Level =>
  unit === "timestamp" && level.from !== null ? { ...level, from: level.from * MILLISECONDS } : level;

/** A signal's query in a panel, without how its values are judged. */
export function queryOf(
  { title, unit, expr }: Signal<string>,
  index: number,
  { panel, variables }: { panel: SignalPanel; variables: readonly DashboardVariable[] },
): Omit<ResolvedQuery, keyof ResolvedValues> {
  const labels = seriesLabels(expr.node);
  const promql = panelPromql(expr.node, variables);
  const names = labels.filter((name) => variables.find((variable) => variable.name === name)?.multiple !== false);
  const series = names.map((name) => `{{${name}}}`).join(" ");
  const several = panel.signals.length > 1 ? `${title} ${series}`.trim() : series;
  return {
    refId: String.fromCodePoint(65 + index),
    expr: unit === "timestamp" ? `(${promql}) * ${MILLISECONDS}` : promql,
    legend: panel.legend ?? (several === "" ? title : several),
    title,
    labels,
    ...(isInfo(expr.node) && { isInfo: true }),
  };
}

/** Of many ones, the highest and the lowest are 1, too. */
function isInfo(node: Node): boolean {
  if (node.kind === "aggregate") return ["max", "min", "group"].includes(node.operator) && isInfo(node.of);
  if (node.kind === "call") return node.name === "label_replace" && node.args.slice(0, 1).some(isInfo);
  return node.kind === "selector" && node.metric.endsWith("_info");
}
