import { inSeconds, type Duration } from "./duration.ts";
import type { Metric, MetricKind, TargetLabel } from "./metric.ts";
import type { AggregateOperator, BinaryOperator, MatchOperator, Matcher, Node, Window } from "./promql-tree.ts";

/** The window that Grafana chooses for a panel; a rule has none, so rendering one there needs a fixed window. */
export const rateInterval = "rate_interval";

/** An expression that yields an instant vector whose series carry the labels `L`. */
export interface Vector<L extends string> {
  readonly node: Node;
  readonly type: "vector";
  /** Never set: it lets the compiler carry the labels along. */
  readonly labels?: L;
}

/** A selector with a window, such as `up[5m]`; only functions over ranges take it. */
export interface Range<K extends MetricKind, L extends string> {
  readonly node: Node;
  readonly type: "range";
  readonly kind: K;
  readonly labels?: L;
}

/** An expression that yields one number. */
export interface Scalar {
  readonly node: Node;
  readonly type: "scalar";
}

/** An instant selector that still knows its metric, so that it can be given a window. */
export interface Selector<K extends MetricKind, L extends string> extends Vector<L> {
  readonly kind: K;
  /** The same selector over a window, which may end that long ago. */
  over(window: Window, ago?: Duration): Range<K, L>;
  /** The same selector, looked up that long ago. */
  ago(offset: Duration): Vector<L>;
}

/** Label conditions: a text means `=`, a pair names the operator. */
export type Where<L extends string> = { readonly [K in L]?: string | readonly [MatchOperator, string] };

const vector = <L extends string>(node: Node): Vector<L> => ({ type: "vector", node });

/** Selects a polled metric's series; they also carry `target`. */
export function select<K extends MetricKind, L extends string>(
  metric: Metric<K, L>,
  where: Where<L | TargetLabel> = {},
): Selector<K, L | TargetLabel> {
  return selector(metric, ["target", ...metric.labels], where);
}

/** Selects a metric that is not read from a target, so that it has no `target`: the service's own, or a foreign one. */
export function selectUntargeted<K extends MetricKind, L extends string>(
  metric: Metric<K, L>,
  where: Where<L> = {},
): Selector<K, L> {
  return selector(metric, metric.labels, where);
}

/**
 * Selects a metric by which one process stands for itself, with the labels that Prometheus gives to what it scrapes.
 */
export function selectScraped<K extends MetricKind, L extends string>(
  metric: Metric<K, L>,
  where: Where<L | ScrapeLabel> = {},
): Selector<K, L | ScrapeLabel> {
  return selector(metric, [...SCRAPE_LABELS, ...metric.labels], where);
}

const SCRAPE_LABELS = ["job", "instance"] as const;
type ScrapeLabel = (typeof SCRAPE_LABELS)[number];

function selector<K extends MetricKind, L extends string>(
  { kind, name }: Metric<K>,
  labels: readonly string[],
  where: Where<L>,
): Selector<K, L> {
  const matchers = Object.entries<Where<L>[L]>(where).flatMap(([label, condition]): Matcher[] => {
    if (condition === undefined) return [];
    const [operator, value] = typeof condition === "string" ? (["=", condition] as const) : condition;
    return [{ label, operator, value }];
  });
  const base = { kind: "selector", metric: name, labels, matchers } as const;
  return {
    type: "vector",
    kind,
    node: base,
    over: (range, offset) => ({
      type: "range",
      kind,
      node: { ...base, range, ...(offset !== undefined && { offset }) },
    }),
    ago: (offset) => vector({ ...base, offset }),
  };
}

const scalar = (value: number): Scalar => ({ type: "scalar", node: { kind: "number", value } });

/** `time()`: the moment of evaluation, in Unix seconds. */
export const time = (): Scalar => ({ type: "scalar", node: { kind: "call", name: "time", args: [] } });

const call = (name: string, ...args: readonly Node[]): Node => ({ kind: "call", name, args });

/** Functions that make sense for counters only. */
const overCounter =
  (name: "rate" | "increase") =>
  <L extends string>(range: Range<"counter", L>): Vector<L> =>
    vector(call(name, range.node));

/** `rate(counter[window])`: increase per second. */
export const rate = overCounter("rate");
/** `increase(counter[window])`: increase over the window. */
export const increase = overCounter("increase");

/** Functions over a gauge's window. */
const overGauge =
  (name: string) =>
  <L extends string>(range: Range<"gauge" | "info", L>): Vector<L> =>
    vector(call(name, range.node));

/** `max_over_time(gauge[window])`. */
export const maxOverTime = overGauge("max_over_time");
/** `min_over_time(gauge[window])`. */
export const minOverTime = overGauge("min_over_time");
/** `resets(gauge[window])`: how often the value fell; a time since start falls at each restart. */
export const resets = overGauge("resets");
/** `changes(gauge[window])`: how often the value changed. */
export const changes = overGauge("changes");

/** `deriv(gauge[window])`: by how much the value grows in a second, by the trend over the window. */
export const deriv = <L extends string>(range: Range<"gauge", L>): Vector<L> => vector(call("deriv", range.node));

/** `predict_linear(gauge[window], seconds)`: where the value will be after so long, by the trend over the window. */
export const predictLinear = <L extends string>(range: Range<"gauge", L>, ahead: Duration): Vector<L> =>
  vector(call("predict_linear", range.node, scalar(inSeconds(ahead)).node));

const ofVector =
  (name: string) =>
  <L extends string>(of: Vector<L>): Vector<L> =>
    vector(call(name, of.node));

/** `floor(v)`. */
export const floor = ofVector("floor");
/** `abs(v)`. */
export const abs = ofVector("abs");

/** `sort(v)`: the least first, for tables. */
export const ascending = ofVector("sort");

/** Which labels an aggregation keeps. */
export interface By<L extends string> {
  readonly by?: readonly L[];
}

const aggregation =
  (operator: AggregateOperator) =>
  <L extends string, const B extends L = never>(of: Vector<L>, grouping: By<B> = {}): Vector<B> =>
    vector({ kind: "aggregate", operator, by: grouping.by ?? [], of: of.node });

/** `sum by (...) (v)`. */
export const sum = aggregation("sum");
/** `count by (...) (v)`. */
export const count = aggregation("count");
/** `max by (...) (v)`. */
export const max = aggregation("max");
/** `min by (...) (v)`. */
export const min = aggregation("min");
/** `group by (...) (v)`: 1 for each group. */
export const group = aggregation("group");

/**
 * How {@link labelReplace} makes a label: `to` becomes `replacement`, with `$1` for what `pattern` (RE2, whole value)
 * captured in `from`.
 */
interface Replacement<L extends string, T extends string> {
  readonly from: L;
  readonly pattern: string;
  readonly to: T;
  readonly replacement: string;
}

/** `label_replace(v, ...)`: a label made of another one. */
export const labelReplace = <L extends string, const T extends string>(
  of: Vector<L>,
  { from, pattern, to, replacement }: Replacement<NoInfer<L>, T>,
): Vector<L | T> => {
  const text = (value: string): Node => ({ kind: "text", value });
  return vector(call("label_replace", of.node, text(to), text(replacement), text(from), text(pattern)));
};

type Operand = Vector<string> | Scalar | number;

const operand = (of: Operand): Node => (typeof of === "number" ? scalar(of).node : of.node);

/**
 * `left operator right`. Prometheus keeps, of the result's labels: with a number on the right all of the left side's;
 * between vectors without `on` all, and both sides must have the same; with `on` only those named; with `on` and
 * `groupLeft`, where many series of the left side may meet one of the right, the left side's and the ones lent.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching
 */
interface BinaryFunction {
  <L extends string>(left: Vector<L>, right: Vector<NoInfer<L>> | Scalar | number): Vector<L>;
  <L extends string, R extends string, const O extends L & R>(
    left: Vector<L>,
    right: Vector<R>,
    match: { readonly on: readonly O[]; readonly groupLeft?: undefined },
  ): Vector<O>;
  <L extends string, R extends string, const O extends L & R, const I extends R = never>(
    left: Vector<L>,
    right: Vector<R>,
    match: { readonly on: readonly O[]; readonly groupLeft: readonly I[] },
  ): Vector<L | I>;
}

const binary =
  (operator: BinaryOperator): BinaryFunction =>
  (
    left: Vector<string>,
    right: Operand,
    match?: { readonly on: readonly string[]; readonly groupLeft?: readonly string[] | undefined },
  ): Vector<never> => {
    const group = match?.groupLeft && { group: { side: "left" as const, include: match.groupLeft } };
    const matching = match && { matching: { on: match.on, ...group } };
    return vector({ kind: "binary", operator, left: left.node, right: operand(right), ...matching });
  };

/** `a + b`. */
export const add = binary("+");
/** `a - b`. */
export const subtract = binary("-");
/** `a * b`. */
export const multiply = binary("*");
/** `a / b`. */
export const divide = binary("/");
/** `a > b`: keeps the series of `a` that are greater. */
export const greater = binary(">");
/** `a >= b`. */
export const atLeast = binary(">=");
/** `a < b`. */
export const less = binary("<");
/** `a <= b`. */
export const atMost = binary("<=");
/** `a == b`. */
export const equal = binary("==");
/** `a != b`. */
export const unequal = binary("!=");

/** `scalar - v` and the like: a number on the left side. */
export const scalarMinus = <L extends string>(left: Scalar | number, right: Vector<L>): Vector<L> =>
  vector({ kind: "binary", operator: "-", left: operand(left), right: right.node });

/** `v >= 0`: leaves out NaN, which a quantile of nothing is; of what can not be negative. */
export const known = <L extends string>(of: Vector<L>): Vector<L> => atLeast(of, 0);

const setOperation =
  (operator: "and" | "unless") =>
  <L extends string, R extends string, const O extends L & R = never>(
    left: Vector<L>,
    right: Vector<R>,
    match?: { readonly on: readonly O[] },
  ): Vector<L> =>
    vector({ kind: "binary", operator, left: left.node, right: right.node, ...(match && { matching: match }) });

/** `a or b`: the series of `a`, and those of `b` whose labels `a` has not. */
export const or = <L extends string>(left: Vector<L>, right: Vector<NoInfer<L>>): Vector<L> =>
  vector({ kind: "binary", operator: "or", left: left.node, right: right.node });

/** `absent(v)`: 1 when `v` has no series. */
export const absent = (of: Vector<string>): Vector<never> => vector(call("absent", of.node));

/** `a and b`: the series of `a` that have a partner in `b`. */
export const and = setOperation("and");
/** `a unless b`: the series of `a` that have no partner in `b`. */
export const unless = setOperation("unless");

/**
 * `count(condition) or count(v) * 0`: how many series of `v` meet a condition; 0 when none does, nothing when there are
 * none.
 */
export const countWhere = <L extends string, const B extends L = never>(
  of: Vector<L>,
  condition: (of: Vector<L>) => Vector<L>,
  grouping: By<B> = {},
): Vector<B> => or<B>(count(condition(of), grouping), multiply<B>(count(of, grouping), 0));
