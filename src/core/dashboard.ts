import type { Metric } from "./metric.ts";
import type { Signal } from "./signal.ts";

/** How the answers of a panel's queries are drawn; the names are Grafana's. */
export type PanelView = "stat" | "timeseries" | "table" | "bargauge" | "state-timeline";

/** What every panel may have. */
interface PanelBase {
  /** Of 24 columns; by the view unless given. */
  readonly width?: number;
  /** In Grafana's units of 30 pixels and a gap; by the view unless given. */
  readonly height?: number;
  /** Why it may show nothing while all is well, such as "only Vault Enterprise has a licence". */
  readonly emptyWhen?: string;
}

/**
 * Draws signals. Thresholds are those of the alerts that compare the signal with a number, so they are not written
 * here.
 */
export interface SignalPanel extends PanelBase {
  readonly kind: "signals";
  readonly view: PanelView;
  /** The first one gives title and help unless the panel does; all are of one unit, except in a table. */
  readonly signals: readonly [Signal<string>, ...Signal<string>[]];
  readonly title?: string;
  readonly help?: string;
  /** What a series is called, such as `{{node}} {{device}}`; the labels that the expression keeps unless given. */
  readonly legend?: string;
  /** Whether to ask for exemplars, the traces behind single observations; for latencies. */
  readonly exemplars?: true;
  /** Where a click on a series leads. */
  readonly drillDown?: DrillDown;
}

/** Another dashboard, with its variables set from the labels of the series that was clicked: `{ target: "target" }`. */
export interface DrillDown {
  /** {@link Dashboard.id}. */
  readonly dashboard: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Log lines, by Lucene's query language; variables stand in it as `$service`. */
export interface LogsPanel extends PanelBase {
  readonly kind: "logs";
  readonly title: string;
  readonly help: string;
  readonly query: string;
}

/** Traces that TraceQL finds, or the map of services that Tempo draws. */
export interface TracesPanel extends PanelBase {
  readonly kind: "traces" | "service-map";
  readonly title: string;
  readonly help: string;
  readonly query: string;
}

/**
 * Alerts that fire or are pending, of the rules that Grafana's data sources have; what has no rule is not among them.
 */
export interface AlertsPanel extends PanelBase {
  readonly kind: "alerts";
  readonly title: string;
  readonly help: string;
  /** In the syntax of Alertmanager, such as `slo_id="$slo"`; all alerts when empty. */
  readonly matchers: readonly string[];
}

/** One panel. */
export type Panel = SignalPanel | LogsPanel | TracesPanel | AlertsPanel;

/** Panels under a heading. */
export interface PanelRow {
  readonly title: string;
  /** Shown closed, and asked for only when it is opened. */
  readonly collapsed?: true;
  readonly panels: readonly Panel[];
}

/**
 * A choice at the top. The queries of signals whose metrics carry its label are narrowed by it, so that no signal has
 * to know of dashboards; earlier variables narrow the choices of later ones.
 */
export interface DashboardVariable {
  /** Also the name of the label. */
  readonly name: string;
  readonly title: string;
  /** Whose series have the choices. */
  readonly metric: Metric;
  /** Whether several, or all, may be chosen: as is usual, unless false. */
  readonly multiple?: boolean;
}

/** The uid that a dashboard has in Grafana, at most 40 characters as it wants. */
export const dashboardUid = (id: string): string => `watchkeeper-${id}`;

/** One dashboard, whatever it is drawn with. */
export interface Dashboard {
  /** Kebab-case and never changed: the dashboard's uid and file name are made of it. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences: which questions it answers. */
  readonly description: string;
  readonly variables: readonly DashboardVariable[];
  readonly rows: readonly PanelRow[];
  /**
   * Three to six signals that say whether such a system is well, the most important first: the pack's row on the
   * overview, as one number each, whose click leads here. Each must say so over all targets at once: a total, or the
   * worst one.
   */
  readonly summary?: readonly Signal<string>[];
  /**
   * Where a click on a series leads besides: its logs by Lucene's query language, such as `host.name:"{{node}}"`, and
   * its traces by TraceQL. Only panels have them whose series carry all labels that are named.
   */
  readonly explore?: { readonly logs?: string; readonly traces?: string };
}

type SignalPanelOptions = Omit<SignalPanel, "kind" | "view" | "signals"> & {
  /** Drawn together with the first. */
  readonly and?: readonly Signal<string>[];
};

/** Draws a signal, or several together. */
export function panel(view: PanelView, of: Signal<string>, options: SignalPanelOptions = {}): SignalPanel {
  const { and = [], ...rest } = options;
  return { kind: "signals", view, signals: [of, ...and], ...rest };
}
