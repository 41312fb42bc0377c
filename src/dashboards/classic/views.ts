import type { Options as BarGaugeOptions } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  PercentChangeColorMode,
  SortOrder,
  TimelineValueAlignment,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
  type VizLegendOptions,
} from "@grafana/grafana-foundation-sdk/common";
import type { Options as StatOptions } from "@grafana/grafana-foundation-sdk/stat";
import type {
  FieldConfig as TimelineField,
  Options as TimelineOptions,
} from "@grafana/grafana-foundation-sdk/statetimeline";
import type { FieldConfig as GraphField, Options as GraphOptions } from "@grafana/grafana-foundation-sdk/timeseries";
import type { ResolvedSignals } from "../resolved.ts";
import { isJudged } from "./values.ts";

/** What a kind of panel is told beyond its values: its options, and how its series are drawn. */
interface View {
  readonly options: object;
  readonly custom?: object;
}

/** How the views that show series are drawn; a table is built of its columns. */
export const VIEWS: Readonly<Record<Exclude<ResolvedSignals["view"], "table">, (panel: ResolvedSignals) => View>> = {
  stat: (panel) => ({ options: statOptions(panel) }),
  bargauge: () => ({ options: BAR_GAUGE }),
  timeseries: (panel) => ({ options: graphOptions(panel), custom: graphField(panel) }),
  "state-timeline": () => ({ options: TIMELINE, custom: TIMELINE_FIELD }),
};

const LAST = { calcs: ["lastNotNull"], fields: "", values: false };

const statOptions = (panel: ResolvedSignals): StatOptions => ({
  graphMode: panel.isInstant === true ? BigValueGraphMode.None : BigValueGraphMode.Area,
  colorMode: isJudged(panel) ? BigValueColorMode.Background : BigValueColorMode.Value,
  justifyMode: BigValueJustifyMode.Auto,
  textMode: BigValueTextMode.Auto,
  wideLayout: true,
  showPercentChange: false,
  percentChangeColorMode: PercentChangeColorMode.Standard,
  orientation: VizOrientation.Auto,
  reduceOptions: LAST,
});

const BAR_GAUGE: BarGaugeOptions = {
  displayMode: BarGaugeDisplayMode.Basic,
  valueMode: BarGaugeValueMode.Color,
  namePlacement: BarGaugeNamePlacement.Auto,
  showUnfilled: true,
  sizing: BarGaugeSizing.Auto,
  minVizWidth: 8,
  minVizHeight: 16,
  maxVizHeight: 300,
  legend: { displayMode: LegendDisplayMode.List, placement: LegendPlacement.Bottom, showLegend: false, calcs: [] },
  orientation: VizOrientation.Horizontal,
  reduceOptions: LAST,
};

const TOOLTIP = { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending };

const graphOptions = (panel: ResolvedSignals): GraphOptions => ({ legend: legendOf(panel), tooltip: TOOLTIP });

/** Where the legend names labels there may be many series: a table then, the worst on top by a click. */
function legendOf({ queries }: ResolvedSignals): VizLegendOptions {
  const isMany = queries.length > 1 || queries.some(({ legend }) => legend.includes("{{"));
  return {
    displayMode: isMany ? LegendDisplayMode.Table : LegendDisplayMode.List,
    placement: LegendPlacement.Bottom,
    showLegend: true,
    calcs: isMany ? ["lastNotNull", "max"] : [],
  };
}

const graphField = ({ unit, levels, queries }: ResolvedSignals): GraphField => ({
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: unit === "boolean" ? LineInterpolation.StepAfter : LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: queries.length === 1 ? 10 : 0,
  showPoints: VisibilityMode.Auto,
  // what could not be read is a gap
  spanNulls: false,
  // a fall of a few bytes is no cliff
  ...(unit !== "celsius" && unit !== "timestamp" && { axisSoftMin: 0 }),
  thresholdsStyle: { mode: levels.length > 0 ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off },
});

const TIMELINE: TimelineOptions = {
  showValue: VisibilityMode.Auto,
  alignValue: TimelineValueAlignment.Left,
  mergeValues: true,
  rowHeight: 0.9,
  legend: { displayMode: LegendDisplayMode.List, placement: LegendPlacement.Bottom, showLegend: true, calcs: [] },
  tooltip: TOOLTIP,
};

const TIMELINE_FIELD: TimelineField = { fillOpacity: 80, lineWidth: 0, spanNulls: false };
