import type { PanelView } from "../core/dashboard.ts";
import type { Unit } from "../core/metric.ts";
import type { Level } from "./alert-levels.ts";
import type { Place } from "./layout.ts";

/** Data sources that a dashboard may ask; each is a variable of this name, so that no dashboard knows a uid. */
export const DATA_SOURCES = {
  prometheus: { variable: "datasource", label: "Data source", type: "prometheus" },
  elasticsearch: { variable: "elasticsearch_datasource", label: "Logs", type: "elasticsearch" },
  tempo: { variable: "tempo_datasource", label: "Traces", type: "tempo" },
  alertmanager: { variable: "alertmanager_datasource", label: "Alertmanager", type: "alertmanager" },
} as const;

/** One of {@link DATA_SOURCES}. */
export type DataSource = keyof typeof DATA_SOURCES;

/** A choice at the top of a dashboard, filled by a query. */
export interface ResolvedVariable {
  readonly name: string;
  readonly title: string;
  /** `label_values(...)`, narrowed by the variables before it. */
  readonly query: string;
  readonly multiple: boolean;
}

/** How the values of a signal are written and judged. */
export interface ResolvedValues {
  readonly unit: Unit;
  /** Empty when no alert compares it with a number, and for booleans. */
  readonly levels: readonly Level[];
  /** What 0 and 1 are, for booleans of which an alert tells. */
  readonly booleans?: { readonly zero: Level["severity"]; readonly one: Level["severity"] };
}

/** One query of a panel in Prometheus' language; in a table, its column has its own unit and levels. */
export interface ResolvedQuery extends ResolvedValues {
  /** `A`, `B`, ... */
  readonly refId: string;
  readonly expr: string;
  /** A name for its series, with labels as `{{label}}`. */
  readonly legend: string;
  /** The signal's title; names the column of a table. */
  readonly title: string;
  /** Labels that its series carry. */
  readonly labels: readonly string[];
  /** Its value is always 1, and the labels tell everything. */
  readonly isInfo?: true;
}

/** A link on a series or a panel. */
export interface ResolvedLink {
  readonly title: string;
  /**
   * Path in Grafana or URL; Grafana's own placeholders stand in it, for the labels of a series or, in a table, of a
   * row.
   */
  readonly url: string;
}

interface ResolvedBase {
  /** Unique within the dashboard, 1 or more; the same as long as row and title are. */
  readonly id: number;
  readonly title: string;
  readonly help: string;
  /** Markdown: the help, the alerts with links to their runbooks, and why it may be empty. */
  readonly description: string;
  readonly place: Place;
  readonly emptyWhen?: string;
}

/** Signals, ready to be asked; unit and levels are those of the first one. */
export interface ResolvedSignals extends ResolvedBase, ResolvedValues {
  readonly kind: "signals";
  readonly view: PanelView;
  readonly queries: readonly ResolvedQuery[];
  /** Asked of now; otherwise over the time that is looked at. */
  readonly isInstant?: true;
  /** Seconds between two points at the least, where its windows are long; otherwise as Grafana chooses. */
  readonly leastStep?: number;
  readonly exemplars: boolean;
  readonly links: readonly ResolvedLink[];
  /** Names of alerts about these signals. */
  readonly alerts: readonly string[];
}

/** Log lines or traces. */
export interface ResolvedSearch extends ResolvedBase {
  readonly kind: "logs" | "traces" | "service-map";
  readonly query: string;
}

/** Alerts that fire. */
export interface ResolvedAlerts extends ResolvedBase {
  readonly kind: "alerts";
  readonly matchers: readonly string[];
}

/** One panel with its place. */
export type ResolvedPanel = ResolvedSignals | ResolvedSearch | ResolvedAlerts;

/** A heading with its panels, which have places also while it is closed. */
export interface ResolvedRow {
  readonly id: number;
  readonly title: string;
  readonly collapsed: boolean;
  readonly place: Place;
  readonly panels: readonly ResolvedPanel[];
}

/** A dashboard from which everything else is drawn: classic JSON, v2 resources, the preview. Plain data. */
export interface ResolvedDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Those that its panels and links ask, Prometheus first. */
  readonly dataSources: readonly DataSource[];
  readonly variables: readonly ResolvedVariable[];
  /** Names of the alerts that are drawn as annotations; empty for all. */
  readonly alerts: readonly string[];
  readonly rows: readonly ResolvedRow[];
}
