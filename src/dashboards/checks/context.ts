import type { Alert } from "../../core/alert.ts";
import type { Dashboard } from "../../core/dashboard.ts";
import type { Metric } from "../../core/metric.ts";
import type { Pack } from "../../core/pack.ts";
import type { Signal } from "../../core/signal.ts";
import { ownDashboards } from "../content/own-dashboards.ts";
import { graphMetrics, spanMetrics } from "../content/span-metrics.ts";
import { dashboardJson, type DashboardJson } from "./model.ts";

/** What a dashboard is compared with. */
export interface CheckContext {
  /** Names of the variables of every dashboard that there is, by its uid. */
  readonly dashboards: ReadonlyMap<string, readonly string[]>;
  /** Labels of every metric that somebody declares, by the names that its series have. */
  readonly metrics: ReadonlyMap<string, readonly string[]>;
  readonly alerts: readonly Alert<string>[];
  /** Names of all that has a runbook. */
  readonly runbooks: ReadonlySet<string>;
  /** All that panels draw. */
  readonly signals: readonly Signal<string>[];
}

/** What is true of the packs, and of the dashboards that are handed over together. */
export function checkContext(packs: readonly Pack[], dashboards: readonly unknown[]): CheckContext {
  const alerts = packs.flatMap((pack) => pack.alerts);
  const own = packs.flatMap(({ ownAlerts = [] }) => ownAlerts);
  const declared = [...packs.flatMap((pack) => pack.dashboards ?? []), ...ownDashboards(packs)];
  return {
    dashboards: new Map(dashboards.flatMap(variablesOf)),
    metrics: new Map([...packs.flatMap(metricsOf), ...OF_TRACES].flatMap(seriesOf)),
    alerts,
    runbooks: new Set([...alerts, ...own].map(({ name }) => name)),
    signals: declared.flatMap(signalsOf),
  };
}

function variablesOf(json: unknown): readonly [string, readonly string[]][] {
  const { success, data } = dashboardJson.safeParse(json);
  return success && data.uid !== undefined ? [[data.uid, variableNames(data)]] : [];
}

/** Names of a dashboard's variables, data sources included. */
export const variableNames = ({ templating }: DashboardJson): readonly string[] =>
  templating.list.map(({ name }) => name);

const OF_TRACES: readonly Declared[] = [...Object.values(spanMetrics), ...Object.values(graphMetrics)].map(
  (metric) => ({ metric, added: [] }),
);

/** A metric, and the labels that the runtime adds to it. */
interface Declared {
  readonly metric: Metric;
  readonly added: readonly string[];
}

const metricsOf = ({ collector, selfMetrics = {}, foreignMetrics = {} }: Pack): readonly Declared[] => [
  ...(collector?.parts ?? [])
    .flatMap(({ metrics }) => Object.values(metrics))
    .map((metric) => ({ metric, added: ["target"] })),
  ...[...Object.values(selfMetrics), ...Object.values(foreignMetrics)].map((metric) => ({ metric, added: [] })),
];

const OF_HISTOGRAM = ["_bucket", "_count", "_sum"];

const seriesOf = ({ metric: { kind, name, labels }, added }: Declared): readonly [string, readonly string[]][] => {
  const names = kind === "histogram" ? OF_HISTOGRAM.map((part) => name + part) : [name];
  return names.map((each) => [each, [...added, ...labels]]);
};

const signalsOf = ({ rows }: Dashboard): readonly Signal<string>[] =>
  rows.flatMap(({ panels }) => panels.flatMap((panel) => (panel.kind === "signals" ? panel.signals : [])));
