import { LogsDedupStrategy, LogsSortOrder } from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  PanelBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DashboardLink,
  type Panel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Options as LogsOptions } from "@grafana/grafana-foundation-sdk/logs";
import { formatDuration, seconds } from "../../core/duration.ts";
import type { ResolvedAlerts, ResolvedLink, ResolvedPanel, ResolvedSearch, ResolvedSignals } from "../resolved.ts";
import { drawTable, TRACES_TABLE } from "./table.ts";
import { refTo, searchTarget, targetOf } from "./targets.ts";
import { mappingsOf, stepsOf, unitOf } from "./values.ts";
import { VIEWS } from "./views.ts";

/** A panel as it is written: without what the SDK writes into every panel, where it has no use. */
export type ClassicPanel = Omit<Panel, "transparent" | "repeatDirection">;

/** A panel of Grafana's classic dashboards. */
export function classicPanel(of: ResolvedPanel): ClassicPanel {
  const panel = new PanelBuilder().id(of.id).title(of.title).description(of.description).gridPos(of.place);
  if (of.kind === "signals") drawSignals(panel, of);
  else if (of.kind === "alerts") drawAlerts(panel, of);
  else drawSearch(panel, of);
  return withoutDefaults(panel.build());
}

function withoutDefaults(built: Panel): ClassicPanel {
  const { transparent: _, repeatDirection: __, ...panel } = built;
  return panel;
}

const GRAFANA_TYPES: Readonly<Record<ResolvedSignals["view"], string>> = {
  stat: "stat",
  timeseries: "timeseries",
  table: "table",
  bargauge: "bargauge",
  "state-timeline": "state-timeline",
};

function drawSignals(panel: PanelBuilder, of: ResolvedSignals): void {
  panel
    .type(GRAFANA_TYPES[of.view])
    .datasource(refTo("prometheus"))
    .targets(of.queries.map((query) => ({ build: () => targetOf(query, of) })));
  // of the panel: Grafana would take one of a query for the time between scrapes, and make `$__rate_interval` of it
  if (of.leastStep !== undefined) panel.interval(formatDuration(seconds(of.leastStep)));
  if (of.view === "table") {
    drawTable(panel, of);
    return;
  }
  const { options, custom } = VIEWS[of.view](of);
  panel
    .options(options)
    .unit(unitOf(of))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(of)))
    .colorScheme(new FieldColorBuilder().mode(colorsOf(of)));
  if (of.links.length > 0) panel.dataLinks(of.links.map(dataLink));
  const mappings = mappingsOf(of);
  if (mappings.length > 0) panel.mappings(mappings);
  if (of.view === "bargauge") panel.min(0);
  if (of.unit === "ratio" && of.view === "bargauge") panel.max(1);
  if (custom !== undefined) panel.custom(custom);
}

/** Lines are told apart by their colours; of all else the colour tells how bad it is. */
const colorsOf = ({ view }: ResolvedSignals): FieldColorModeId =>
  view === "timeseries" ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds;

/** The SDK takes a link on a series for one of a dashboard, and would write what that one has besides. */
const dataLink = ({ title, url }: ResolvedLink) => ({ build: () => ({ title, url }) as DashboardLink });

const SEARCHES = {
  logs: { type: "logs", source: "elasticsearch" },
  traces: { type: "table", source: "tempo" },
  "service-map": { type: "nodeGraph", source: "tempo" },
} as const;

const LOGS: LogsOptions = {
  showTime: true,
  showLabels: false,
  showCommonLabels: false,
  showLogContextToggle: false,
  wrapLogMessage: true,
  prettifyLogMessage: false,
  enableLogDetails: true,
  dedupStrategy: LogsDedupStrategy.None,
  sortOrder: LogsSortOrder.Descending,
};

/** Grafana's panel for traces shows a single one; those that a search finds are a table, with links into each. */
function drawSearch(panel: PanelBuilder, of: ResolvedSearch): void {
  const { type, source } = SEARCHES[of.kind];
  panel
    .type(type)
    .datasource(refTo(source))
    .withTarget({ build: () => searchTarget(of) });
  if (of.kind === "logs") panel.options(LOGS);
  if (of.kind === "traces") panel.options(TRACES_TABLE.options()).custom(TRACES_TABLE.custom());
}

/**
 * The SDK has no such panel. Without a data source it lists the rules of all that Grafana knows.
 * Source: https://grafana.com/docs/grafana/latest/visualizations/panels-visualizations/visualizations/alert-list/
 */
function drawAlerts(panel: PanelBuilder, { matchers }: ResolvedAlerts): void {
  panel.type("alertlist").options({
    viewMode: "list",
    groupMode: "default",
    groupBy: [],
    maxItems: 50,
    // by importance
    sortOrder: 3,
    dashboardAlerts: false,
    alertName: "",
    alertInstanceLabelFilter: matchers.length === 0 ? "" : `{${matchers.join(", ")}}`,
    stateFilter: { firing: true, pending: true, noData: false, normal: false, error: true },
  });
}
