import type { ResolvedDashboard, ResolvedQuery, ResolvedSignals } from "../../dashboards/resolved.ts";
import { moodOf, type Mood } from "./severity.ts";
import type { Answered, AnsweredSeries } from "./source.ts";

/** One series as it is drawn. */
export interface PanelSeries {
  /** Of its query: `A`, `B`, ... */
  readonly refId: string;
  /** By the query's legend. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One for each of the answer's times; null where there is none. */
  readonly values: readonly (number | null)[];
  /** The value at the newest time or the one before; null when it has none any more, whatever it had. */
  readonly last: number | null;
  /** How bad the newest value is. */
  readonly mood: Mood;
  /** How bad each of the values is, where states are drawn. */
  readonly moods?: readonly Mood[];
  /** Path of another dashboard, narrowed to this series. */
  readonly href?: string;
}

/** What makes series of answers. */
export interface SeriesContext {
  readonly panel: ResolvedSignals;
  /** Unix seconds. */
  readonly times: readonly number[];
  /** Those that can be led to. */
  readonly dashboards: ReadonlyMap<string, ResolvedDashboard>;
}

/** The newest moment may be before the scrape that belongs to it. */
const NEWEST = 2;

/** The series of one query, named and judged. */
export function seriesFor(
  query: ResolvedQuery,
  { series }: Pick<Answered, "series">,
  context: SeriesContext,
): readonly PanelSeries[] {
  const { panel, times, dashboards } = context;
  const indexes = new Map(times.map((at, i) => [at, i]));
  const mood = (value: number): Mood => moodOf(query, value);
  return series.map(({ labels, values: pairs }) => {
    const numbers = numbersAt(pairs, indexes);
    const newest = numbers.slice(-NEWEST).findLast((value) => !Number.isNaN(value)) ?? Number.NaN;
    const href = hrefOf(panel, labels, dashboards);
    return {
      refId: query.refId,
      name: nameOf(query, labels),
      labels,
      values: numbers.map(finite),
      last: finite(newest),
      mood: mood(newest),
      ...(panel.view === "state-timeline" && { moods: numbers.map(mood) }),
      ...(href !== undefined && { href }),
    };
  });
}

/** JSON has no infinity, and a gap is what a chart makes of one; it is judged all the same. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** NaN where there is no value. */
function numbersAt(pairs: AnsweredSeries["values"], indexes: ReadonlyMap<number, number>): number[] {
  const values = Array.from({ length: indexes.size }, () => Number.NaN);
  for (const [at, text] of pairs) {
    const index = indexes.get(at) ?? (indexes.size === 1 ? 0 : undefined);
    if (index !== undefined && text !== "") values[index] = numberOf(text);
  }
  return values;
}

/** As Prometheus writes numbers, infinite ones too. */
const numberOf = (text: string): number => Number(text.replace(/^([+-]?)Inf$/, "$1Infinity"));

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

function nameOf({ legend, title }: ResolvedQuery, labels: Readonly<Record<string, string>>): string {
  const name = legend.replaceAll(PLACEHOLDER, (_, label: string) => labels[label] ?? "").trim();
  return name === "" ? title : name;
}

const DASHBOARD_LINK = /^\/d\/([^?/]+)\?(.*)$/;
const LABEL = /^\$\{__(?:field\.labels|data\.fields)\.(\w+)(?::\w+)?\}$/;

/** The first link to another dashboard, with the labels of a series in the place of Grafana's placeholders. */
function hrefOf(
  { links }: ResolvedSignals,
  labels: Readonly<Record<string, string>>,
  dashboards: SeriesContext["dashboards"],
): string | undefined {
  const [, uid = "", search = ""] =
    links.map(({ url }) => DASHBOARD_LINK.exec(url)).find((found) => found !== null) ?? [];
  if (!dashboards.has(uid)) return undefined;
  const chosen = search.split("&").flatMap((part) => {
    const [, name = "", value = ""] = /^(var-\w+)=(.*)$/.exec(part) ?? [];
    const label = LABEL.exec(value)?.[1];
    const text = label === undefined ? undefined : labels[label];
    return name === "" || text === undefined ? [] : [[name, text]];
  });
  const query = new URLSearchParams(chosen).toString();
  return `/dashboards/${uid}${query === "" ? "" : `?${query}`}`;
}
