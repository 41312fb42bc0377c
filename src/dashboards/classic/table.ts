import { FieldTextAlignment, TableCellDisplayMode, TableCellHeight } from "@grafana/grafana-foundation-sdk/common";
import type {
  DataTransformerConfig,
  DynamicConfigValue,
  PanelBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { FieldConfig, Options } from "@grafana/grafana-foundation-sdk/table";
import type { ResolvedQuery, ResolvedSignals } from "../resolved.ts";
import { isJudged, mappingsOf, stepsOf, unitOf } from "./values.ts";

/** Shows one row for each series: its labels, then one column for each signal with its own unit and thresholds. */
export function drawTable(panel: PanelBuilder, of: ResolvedSignals): void {
  const columns = columnsOf(of);
  panel.options(OPTIONS).custom(FIELD).transformations(transformationsOf(of, columns));
  const linked = linkedColumn(of, columns);
  if (linked !== undefined) panel.overrideByName(linked.title, [{ id: "links", value: of.links }]);
  for (const query of of.queries.filter(isShown)) panel.overrideByName(query.title, valueProperties(query));
}

/** The table of traces that Grafana makes by itself. */
export const TRACES_TABLE = { options: (): Options => OPTIONS, custom: (): FieldConfig => FIELD };

const OPTIONS: Options = { frameIndex: 0, showHeader: true, cellHeight: TableCellHeight.Sm };

const FIELD: FieldConfig = {
  align: FieldTextAlignment.Auto,
  cellOptions: { type: TableCellDisplayMode.Auto },
  inspect: false,
  filterable: true,
};

/** A column of Prometheus' answer, and its title. */
interface Column {
  readonly field: string;
  readonly title: string;
}

function columnsOf({ queries }: ResolvedSignals): readonly Column[] {
  const labels = [...new Set(queries.flatMap((query) => query.labels))];
  return [
    ...labels.map((label) => ({ field: label, title: titled(label) })),
    ...queries.filter(isShown).map(({ refId, title }) => ({ field: valueField(refId, queries.length), title })),
  ];
}

/** Where one clicks: on what the first link leads to, the last label that it names, such as a guest of a server. */
function linkedColumn({ links: [first] }: ResolvedSignals, columns: readonly Column[]): Column | undefined {
  if (first === undefined) return undefined;
  const label = [...first.url.matchAll(/__data\.fields\.(\w+)/g)].at(-1)?.[1];
  return columns.find(({ field }) => field === label) ?? columns[0];
}

/** The value of an info metric is always 1. */
const isShown = ({ isInfo }: ResolvedQuery): boolean => isInfo !== true;

/** How Grafana's Prometheus names a value in a table. */
const valueField = (refId: string, queries: number): string => (queries === 1 ? "Value" : `Value #${refId}`);

const titled = (label: string): string => {
  const words = label.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/**
 * Only what has a column stays, so that Prometheus' own labels do not keep apart what is one row; the rest joins by its
 * labels. The time, one and the same of all queries, goes last: Grafana joins only what has a field in common, and of a
 * query without an answer that is the only one.
 */
const transformationsOf = ({ queries }: ResolvedSignals, columns: readonly Column[]): DataTransformerConfig[] => {
  const isJoined = queries.length > 1;
  const names = [...(isJoined ? [TIME] : []), ...columns.map(({ field }) => field)];
  return [
    { id: "filterFieldsByName", options: { include: { names } } },
    ...(isJoined ? [{ id: "merge", options: {} }] : []),
    {
      id: "organize",
      options: {
        excludeByName: isJoined ? { [TIME]: true } : {},
        indexByName: Object.fromEntries(columns.map(({ field }, i) => [field, i])),
        renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
      },
    },
  ];
};

/** How Grafana's Prometheus names the time. */
const TIME = "Time";

const valueProperties = (query: ResolvedQuery): DynamicConfigValue[] => [
  { id: "unit", value: unitOf(query) },
  ...(query.unit === "boolean" ? [{ id: "mappings", value: mappingsOf(query) }] : []),
  ...(isJudged(query)
    ? [
        { id: "thresholds", value: { mode: "absolute", steps: stepsOf(query) } },
        { id: "custom.cellOptions", value: { type: TableCellDisplayMode.ColorText } },
      ]
    : []),
];
