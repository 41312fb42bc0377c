import { printSelector, oneOf, type SelectorMatcher } from "../../lib/prometheus/selector.ts";
import { kindOf, type MetricNames, type SeriesKind } from "./kinds.ts";

type Labels = Readonly<Record<string, string>>;

/** Series that were found, of one group of subjects. */
export interface FoundSeries {
  readonly matchers: readonly SelectorMatcher[];
  readonly series: readonly Labels[];
}

/** What is computed of a metric's series. `pace` is how fast a gauge moves. */
export type Computed = "value" | "rate" | "pace" | "p95" | "count" | "native_p95" | "native_count";

/** Series of one metric that are read together. */
export interface Unit {
  /** As it is shown: of a histogram without `_bucket`. */
  readonly metric: string;
  readonly computed: Computed;
  readonly matchers: readonly SelectorMatcher[];
  /**
   * Series that its matchers find too, and that are read with nearer subjects. By {@link keyOf} of their labels in an
   * answer.
   */
  readonly elsewhere: ReadonlySet<string>;
  /** How many series come of it. */
  readonly count: number;
  /** No more than these are kept. */
  readonly most: number;
  /** The `job` labels of its series. */
  readonly jobs: readonly string[];
}

/** What is read, and how much is not. */
export interface Plan {
  readonly units: readonly Unit[];
  readonly unread: number;
  /** Names of what was left out, some of them. */
  readonly leftOut: readonly string[];
}

const COMPUTED: Readonly<Record<Exclude<SeriesKind, "left_out">, readonly Computed[]>> = {
  gauge: ["value"],
  counter: ["rate"],
  histogram: ["p95", "count"],
  native_histogram: ["native_p95", "native_count"],
};

/**
 * Plans what is read of what was found: what is nearest first, and of it the metrics with few series; `most` in all.
 */
export function planReading(found: readonly FoundSeries[], types: MetricNames["types"], most: number): Plan {
  const all = found.flatMap(({ series }) => series);
  const examples = new Map(all.map((labels) => [labels["__name__"] ?? "", labels]));
  const seen = new Set<string>();
  const units = found.flatMap(({ matchers, series }) => {
    const { own = [], elsewhere = [] } = Object.groupBy(series, (labels) =>
      isFirst(labels, seen) ? "own" : "elsewhere",
    );
    return unitsOf({ matchers, own, elsewhere }, { types, examples });
  });
  return fit(units, most);
}

function isFirst(labels: Labels, seen: Set<string>): boolean {
  const key = keyOf(labels);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** One text for one set of labels. */
export const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Of a series' labels as its answer has them. */
function answerKey(labels: Labels, kind: SeriesKind): string {
  const { __name__: _, le, ...rest } = labels;
  return keyOf(le === undefined || kind === "histogram" ? rest : { ...rest, le });
}

interface OfSubjects {
  readonly matchers: readonly SelectorMatcher[];
  readonly own: readonly Labels[];
  readonly elsewhere: readonly Labels[];
}

function unitsOf({ matchers, own, elsewhere: others }: OfSubjects, names: MetricNames): readonly Unit[] {
  const nameOf = (labels: Labels): string => labels["__name__"] ?? "";
  const byName = Map.groupBy(own, nameOf);
  const othersByName = Map.groupBy(others, nameOf);
  const units = [...byName].flatMap(([name, of]) => {
    const kind = name === "" ? "left_out" : kindOf(name, names);
    if (kind === "left_out") return [];
    const metric = kind === "histogram" ? name.replace(/_bucket$/, "") : name;
    const keysOf = (series: readonly Labels[]) => new Set(series.map((labels) => answerKey(labels, kind)));
    const count = keysOf(of).size;
    const elsewhere = keysOf(othersByName.get(name) ?? []);
    const jobs = [...new Set(of.map(({ job = "" }) => job))];
    return COMPUTED[kind].map((computed): Unit => ({
      metric,
      computed,
      matchers,
      elsewhere,
      count,
      most: count,
      jobs,
    }));
  });
  return units.toSorted((a, b) => a.count - b.count || (a.metric < b.metric ? -1 : 1));
}

/** A metric with so many times more series than there is room for is not read to throw most of it away. */
const TOO_MANY = 5;

function fit(units: readonly Unit[], most: number): Plan {
  let room = most;
  const taken: Unit[] = [];
  const large: Unit[] = [];
  for (const unit of units) {
    if (unit.count > room) large.push(unit);
    else taken.push(unit);
    room -= unit.count > room ? 0 : unit.count;
  }
  let unread = 0;
  const leftOut: string[] = [];
  for (const unit of large) {
    const kept = unit.count > TOO_MANY * most ? 0 : Math.min(room, unit.count);
    if (kept > 0) taken.push({ ...unit, most: kept });
    room -= kept;
    unread += unit.count - kept;
    leftOut.push(unit.metric);
  }
  return { units: taken, unread, leftOut: [...new Set(leftOut)] };
}

/** The query of a unit, or of one of its series; `step` in seconds. */
export function queryOf({ metric, computed }: Unit, matchers: readonly SelectorMatcher[], step: number): string {
  const range = `[${4 * step}s]`;
  switch (computed) {
    case "value":
      return printSelector(metric, matchers);
    case "rate":
      return `rate(${printSelector(metric, matchers)}${range})`;
    case "pace":
      return `deriv(${printSelector(metric, matchers)}${range})`;
    case "p95":
      return `histogram_quantile(0.95, rate(${printSelector(`${metric}_bucket`, matchers)}${range}))`;
    case "count":
      return `rate(${printSelector(`${metric}_count`, matchers)}${range})`;
    case "native_p95":
      return `histogram_quantile(0.95, rate(${printSelector(metric, matchers)}${range}))`;
    case "native_count":
      return `histogram_count(rate(${printSelector(metric, matchers)}${range}))`;
  }
}

/** The name under which a unit's series are told. */
export const shownName = ({ metric, computed }: Unit): string => (computed === "count" ? `${metric}_count` : metric);

/** What is asked at once: one unit, or several whose answers keep their names. */
export interface Request {
  readonly units: readonly Unit[];
  readonly query: string;
  /** Seconds. */
  readonly step: number;
}

/** Values keep their names in an answer, so that many metrics are asked for in one query. */
const MOST_NAMES = 40;
const MOST_SERIES = 400;

/** Makes requests of units; `stepOf` gives the step of a unit in seconds. */
export function requestsOf(units: readonly Unit[], stepOf: (unit: Unit) => number): readonly Request[] {
  const alone = units.filter(({ computed }) => computed !== "value");
  const values = units.filter(({ computed }) => computed === "value");
  const groups = Map.groupBy(values, (unit) => JSON.stringify([unit.matchers, stepOf(unit)]));
  return [
    ...[...groups.values()].flatMap(packed).map((of) => {
      const [first] = of;
      const step = first === undefined ? 0 : stepOf(first);
      const name = oneOf(
        "__name__",
        of.map(({ metric }) => metric),
      );
      const query =
        of.length === 1 && first !== undefined
          ? queryOf(first, first.matchers, step)
          : printSelector(undefined, [name, ...(first?.matchers ?? [])]);
      return { units: of, query, step };
    }),
    ...alone.map((unit) => ({ units: [unit], query: queryOf(unit, unit.matchers, stepOf(unit)), step: stepOf(unit) })),
  ];
}

function packed(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const packs: Unit[][] = [];
  let series = Number.POSITIVE_INFINITY;
  for (const unit of units) {
    const last = packs.at(-1);
    if (last === undefined || last.length >= MOST_NAMES || series + unit.count > MOST_SERIES) {
      packs.push([unit]);
      series = unit.count;
    } else {
      last.push(unit);
      series += unit.count;
    }
  }
  return packs;
}
