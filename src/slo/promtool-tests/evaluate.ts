import { RE2JS } from "re2js";
import { inSeconds, minutes, type Duration } from "../../core/duration.ts";
import type { QueryNode, QuerySelector } from "../promql/query-tree.ts";
import { binary } from "./binary.ts";
import { constant, plus, times, unknown, type Form } from "./form.ts";
import { selects, type InputSeries } from "./series.ts";
import { Odd, type Sample, type Value, type Vector } from "./value.ts";

/** What is learnt of a query on the way. */
export interface Notes {
  /** Bounds that fractions of native histograms ask for, by metric. */
  readonly bounds: Map<string, number>;
  /** Gauges whose samples are counted, so that they can be 0 or 1 only. */
  readonly counted: Set<string>;
  /** Whether a value of 0 is left out by a `> 0`. */
  dropsZero: boolean;
  /** How often the input series have a sample. */
  readonly sampling: Duration;
}

/**
 * What a query gives for input series that go on in the same way: for each of its series a form of the unknowns, which
 * are events in 5 minutes of a counter and the value of a gauge. Throws {@link Odd} at what it can not follow.
 */
export function evaluate(node: QueryNode, series: readonly InputSeries[], notes: Notes): Vector {
  return new Evaluation(series, notes).vector(node);
}

const OVER_TIME = new Set(["avg_over_time", "max_over_time", "min_over_time", "last_over_time"]);
const TRANSPARENT = new Set(["sort", "sort_desc", "abs"]);

class Evaluation {
  private readonly series: readonly InputSeries[];
  private readonly notes: Notes;

  constructor(series: readonly InputSeries[], notes: Notes) {
    this.series = series;
    this.notes = notes;
  }

  vector(node: QueryNode): Vector {
    switch (node.kind) {
      case "number":
        return { isScalar: true, samples: [{ labels: {}, value: { kind: "linear", form: constant(node.value) } }] };
      case "selector":
        return this.selected(node);
      case "call":
        return this.call(node.name, node.args);
      case "aggregate":
        return this.aggregate(node);
      case "binary":
        return binary(node, this.vector(node.left), this.vector(node.right), this.notes);
      case "text":
        throw new Odd("a text where numbers are needed");
      case "subquery":
        throw new Odd("a subquery");
      case "odd":
        throw new Odd(shortened(node.text));
    }
  }

  private matching(selector: QuerySelector): readonly InputSeries[] {
    if (selector.isMoved) throw new Odd("offset or @");
    return this.series.filter((each) => selects(selector, each));
  }

  private selected(selector: QuerySelector): Vector {
    if (selector.range !== undefined) throw new Odd("a range without a function around it");
    return vectorOf(
      this.matching(selector).map((each) => {
        if (each.kind !== "gauge") throw new Odd(`${each.metric} both with and without rate or increase`);
        return sample(each, { kind: "linear", form: unknown(each.unknown) });
      }),
    );
  }

  private call(name: string, args: readonly QueryNode[]): Vector {
    const [first, second] = args;
    if (first === undefined) throw new Odd(`${name}()`);
    if (name === "rate" || name === "increase") return this.increase(name, first);
    if (name.endsWith("_over_time")) return this.overTime(name, first);
    if (TRANSPARENT.has(name)) return this.vector(first);
    if (name === "vector") return { isScalar: false, samples: this.vector(first).samples };
    if (name === "clamp_min" && second?.kind === "number" && second.value === 0) return this.vector(first);
    if (name === "histogram_count") return this.mapped(first, ({ fast, slow }) => linear(plus(fast, slow)));
    if (name === "histogram_fraction") return this.fraction(args);
    if (name === "label_replace") return relabelled(this.vector(first), args);
    throw new Odd(`${name}()`);
  }

  private increase(name: string, of: QueryNode): Vector {
    if (of.kind !== "selector" || of.range === undefined) throw new Odd(`${name} of something else than a selector`);
    const factor = (name === "rate" ? 1 / inSeconds(of.range) : 1) * (of.range / FIVE_MINUTES);
    return vectorOf(
      this.matching(of).map((each) => {
        if (each.kind === "gauge") throw new Odd(`${each.metric} both with and without rate or increase`);
        if (each.kind === "counter") return sample(each, linear(unknown(each.unknown, each.share * factor)));
        const part = (which: string): Form => unknown(`${each.unknown}:${which}`, each.share * factor);
        return sample(each, { kind: "histogram", fast: part("fast"), slow: part("slow"), metric: each.metric });
      }),
    );
  }

  private overTime(name: string, of: QueryNode): Vector {
    if (of.kind !== "selector" || of.range === undefined) throw new Odd(`${name} of a subquery`);
    const count = of.range / this.notes.sampling;
    return vectorOf(
      this.matching(of).map((each) => {
        if (each.kind !== "gauge") throw new Odd(`${name} of ${each.metric}, which is a counter elsewhere`);
        const value = unknown(each.unknown);
        if (name === "count_over_time") this.notes.counted.add(each.unknown);
        if (name === "count_over_time" || name === "present_over_time")
          return sample(each, linear(constant(name === "count_over_time" ? count : 1)));
        if (name === "sum_over_time") return sample(each, linear(times(value, count)));
        if (OVER_TIME.has(name)) return sample(each, linear(value));
        throw new Odd(`${name}()`);
      }),
    );
  }

  private mapped(of: QueryNode, map: (value: Value & { kind: "histogram" }) => Value): Vector {
    const inner = this.vector(of);
    const samples = inner.samples.map(({ labels, value }) => {
      if (value.kind !== "histogram") throw new Odd("a histogram function of something else");
      return { labels, value: map(value) };
    });
    return { ...inner, samples };
  }

  private fraction([low, high, of]: readonly QueryNode[]): Vector {
    if (low?.kind !== "number" || high?.kind !== "number" || of === undefined) throw new Odd("histogram_fraction()");
    const isFast = low.value <= 0 && high.value > 0 && high.value < Infinity;
    const isSlow = low.value > 0 && high.value === Infinity;
    if (!isFast && !isSlow) throw new Odd("histogram_fraction() between two bounds");
    return this.mapped(of, ({ fast, slow, metric }) => {
      const bound = isFast ? high.value : low.value;
      if ((this.notes.bounds.get(metric) ?? bound) !== bound) throw new Odd(`two bounds of ${metric}`);
      this.notes.bounds.set(metric, bound);
      return { kind: "quotient", numerator: isFast ? fast : slow, denominator: plus(fast, slow) };
    });
  }

  private aggregate(node: Extract<QueryNode, { kind: "aggregate" }>): Vector {
    if (node.parameters.length > 0) throw new Odd(`${node.operator}()`);
    const groups = new Map<string, Sample[]>();
    for (const { labels, value } of this.vector(node.of).samples) {
      const kept = Object.entries(labels).filter(([label]) =>
        node.by === undefined ? !node.without.includes(label) : node.by.includes(label),
      );
      const of = Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      const key = JSON.stringify(of);
      groups.set(key, [...(groups.get(key) ?? []), { labels: of, value }]);
    }
    return vectorOf(
      [...groups.values()].flatMap((all) => {
        const [head] = all;
        const values = all.map(({ value }) => value);
        return head === undefined ? [] : [{ labels: head.labels, value: joined(node.operator, values) }];
      }),
    );
  }
}

const FIVE_MINUTES = minutes(5) satisfies Duration;

const linear = (form: Form): Value => ({ kind: "linear", form });
const vectorOf = (samples: readonly Sample[]): Vector => ({ isScalar: false, samples });
const sample = ({ labels }: InputSeries, value: Value): Sample => ({ labels, value });
const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);

function joined(operator: string, values: readonly Value[]): Value {
  const [first, ...others] = values;
  if (first === undefined) throw new Odd(`${operator} of nothing`);
  if (operator === "count") return linear(constant(values.length));
  if (!["sum", "avg", "min", "max"].includes(operator)) throw new Odd(`${operator}()`);
  if (others.length === 0) return first;
  if (operator !== "sum" && operator !== "avg") throw new Odd(`${operator} of several series`);
  const sum = others.reduce(added, first);
  return operator === "sum" ? sum : averaged(sum, values.length);
}

function added(left: Value, right: Value): Value {
  if (left.kind === "linear" && right.kind === "linear") return linear(plus(left.form, right.form));
  if (left.kind === "histogram" && right.kind === "histogram")
    return { ...left, fast: plus(left.fast, right.fast), slow: plus(left.slow, right.slow) };
  throw new Odd("a sum of ratios");
}

function averaged(value: Value, count: number): Value {
  if (value.kind !== "linear") throw new Odd("an average of several series");
  return linear(times(value.form, 1 / count));
}

function relabelled(inner: Vector, args: readonly QueryNode[]): Vector {
  const [target, replacement, source, pattern] = args.slice(1).map((each) => (each.kind === "text" ? each.value : ""));
  if (target === undefined || replacement === undefined || source === undefined || pattern === undefined)
    throw new Odd("label_replace()");
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch {
    throw new Odd(`label_replace() by ${pattern}`);
  }
  const samples = inner.samples.map(({ labels, value }) => {
    const found = compiled.matcher(labels[source] ?? "");
    if (!found.matches()) return { labels, value };
    const groups = found.groupCount();
    const text = replacement.replace(/\$\{?(\d+)\}?/g, (_, index: string) =>
      Number(index) <= groups ? (found.group(Number(index)) ?? "") : "",
    );
    return { labels: { ...labels, [target]: text }, value };
  });
  return { ...inner, samples };
}
