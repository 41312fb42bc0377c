import type { Duration } from "../../core/duration.ts";
import type { Sli, Slo } from "../model.ts";
import type { QueryNode } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";
import { evaluate, type Notes } from "./evaluate.ts";
import { constant, isConstant, plus, type Form } from "./form.ts";
import { metricsOf, type MetricUse } from "./kinds.ts";
import { groupValues, seriesFor, type InputSeries } from "./series.ts";
import { isShare, solve, type Counts, type Solution } from "./solve.ts";
import { Odd, type Sample, type Vector } from "./value.ts";

/** The labels of one budget and what feeds it. */
export interface FeedGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly series: readonly InputSeries[];
  readonly solution: Solution;
}

/** The input series of an SLO and how to make it count what a test wants. */
export interface Feed {
  /** One without grouping; at most three with it. */
  readonly groups: readonly FeedGroup[];
  /** Whether its events can only all be good or all fail at a time, as the samples of a gauge that is 1 or 0. */
  readonly isBoolean: boolean;
  /** Whether without events nothing is known. */
  readonly dropsIdle: boolean;
  /** Bounds of native histograms by metric. */
  readonly bounds: ReadonlyMap<string, number>;
  /** Whether the SLO counts failures also when the series that count only these, or only good events, are not there. */
  holdsWithout(which: "failed" | "good"): boolean;
  /** Whether it would count the same if these series were there, its own among them. */
  isAloneIn(series: readonly InputSeries[]): boolean;
}

type Queried = Exclude<Sli, { kind: "composite" }>;

/**
 * Finds out how to feed an SLO from its own queries, by series that have a sample so often. Throws {@link Odd} where
 * that can not be done honestly.
 */
export function feedOf(slo: Slo, sli: Queried, sampling: Duration): Feed {
  const queries = queriesOf(sli);
  const metrics = metricsOf(queries.all);
  const notes: Notes = { bounds: new Map(), counted: new Set(), dropsZero: false, sampling };
  const count = (series: readonly InputSeries[], labels: FeedGroup["labels"]): Counts =>
    queries.count((node) => only(evaluate(grouped(sli, node, slo.groupBy), series, notes), labels));
  const groups = groupsOf(slo, metrics).map((labels) => {
    const series = metrics.flatMap(({ selectors, kind }) => seriesFor(selectors, kind, labels));
    if (series.length === 0) throw new Odd("selectors that no series matches");
    return { labels, series, solution: solve(count(series, labels)) };
  });
  const [first] = groups;
  const isBoolean = first !== undefined && first.series.some(({ unknown }) => notes.counted.has(unknown));
  return {
    groups,
    isBoolean,
    dropsIdle: sli.kind === "ratio" || notes.dropsZero,
    bounds: notes.bounds,
    holdsWithout: (which) => first !== undefined && holdsWithout(which, first, count),
    isAloneIn: (series) =>
      groups.every((group) => isSameCount(count(series, group.labels), count(group.series, group.labels))),
  };
}

/** Whether an SLO's own queries still tell the truth with only failed, or only good, series there. */
function holdsWithout(
  which: "failed" | "good",
  { series, solution, labels }: FeedGroup,
  count: (series: readonly InputSeries[], labels: FeedGroup["labels"]) => Counts,
): boolean {
  const gone = which === "failed" ? solution.onlyFailed : solution.onlyGood;
  if (gone.size === 0) return false;
  const share = which === "failed" ? 0 : 1;
  const given = solution.at(1, share);
  try {
    const counts = count(
      series.filter(({ unknown }) => !gone.has(unknown)),
      labels,
    );
    return isShare(counts, share, given) && isShare({ total: constant(1), errors: counts.total }, 1, given);
  } catch (error) {
    if (error instanceof Odd) return false;
    throw error;
  }
}

const isSameCount = (left: Counts, right: Counts): boolean =>
  [plus(left.total, right.total, -1), plus(left.errors, right.errors, -1)].every(isZero);

interface Queries {
  readonly all: readonly QueryNode[];
  count(read: (node: QueryNode) => Sample | undefined): Counts;
}

const WINDOW = "5m";

function queriesOf(sli: Queried): Queries {
  const read = (text: string): QueryNode => {
    const node = readQuery(text);
    if (node === undefined) throw new Odd("PromQL that does not parse");
    return node;
  };
  if (sli.kind === "events") {
    const [total, errors] = [read(sli.total.at(WINDOW)), read(sli.errors.at(WINDOW))];
    return {
      all: [total, errors],
      count: (evaluated) => {
        const all = evaluated(total);
        const failed = evaluated(errors);
        return {
          total: all === undefined ? absent() : formOf(all),
          errors: failed === undefined ? NONE : formOf(failed),
        };
      },
    };
  }
  const ratio = read(sli.errorRatio.at(WINDOW));
  return { all: [ratio], count: (evaluated) => sharesOf(evaluated(ratio)) };
}

const NONE = constant(0);

const absent = (): never => {
  throw new Odd("no series for its events");
};

function formOf({ value }: Sample): Form {
  if (value.kind !== "linear") throw new Odd("a ratio where events are counted");
  return value.form;
}

function sharesOf(sample: Sample | undefined): Counts {
  const { value } = sample ?? absent();
  if (value.kind === "histogram") throw new Odd("a histogram where a ratio is needed");
  if (value.kind === "linear") return { total: constant(1), errors: value.form };
  return { total: value.denominator, errors: value.numerator };
}

/** As the rules take a query: one value for each combination of the group-by labels. */
const grouped = (sli: Queried, of: QueryNode, by: readonly string[]): QueryNode => ({
  kind: "aggregate",
  operator: sli.kind === "ratio" ? "avg" : "sum",
  by,
  without: [],
  of,
  parameters: [],
});

function groupsOf({ groupBy }: Slo, metrics: readonly MetricUse[]): FeedGroup["labels"][] {
  const selectors = metrics.flatMap((metric) => metric.selectors);
  const values = groupBy.map((label) => [label, groupValues(label, selectors)] as const);
  const most = Math.max(1, ...values.map(([, texts]) => texts.length));
  return Array.from({ length: most }, (_, i) =>
    Object.fromEntries(values.map(([label, texts]) => [label, texts[i % Math.max(1, texts.length)] ?? ""])),
  );
}

/** The one series of a group; series that are always 0, such as those of `or vector(0)`, are no group. */
function only({ samples }: Vector, labels: FeedGroup["labels"]): Sample | undefined {
  const real = samples.filter(
    ({ labels: own, value }) => isSame(own, labels) || value.kind !== "linear" || !isZero(value.form),
  );
  const [first, second] = real;
  if (second !== undefined) throw new Odd("several series for one budget");
  if (first !== undefined && !isSame(first.labels, labels)) throw new Odd("other labels than those to group by");
  return first;
}

const isZero = (form: Form): boolean => isConstant(form) && form.constant === 0;

const isSame = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].every(
    (label) => (left[label] ?? "") === (right[label] ?? ""),
  );
