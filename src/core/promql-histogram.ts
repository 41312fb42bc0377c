import type { Metric } from "./metric.ts";
import { rate, selectUntargeted, sum, type By, type Vector, type Where } from "./promql.ts";
import type { Window } from "./promql-tree.ts";

/** What of a histogram's observations is asked for, and in which window. */
interface HistogramWindow<L extends string, B extends string> extends By<B> {
  readonly over: Window;
  readonly where?: Where<L>;
}

/**
 * `histogram_quantile(q, sum by (le, ...) (rate(h_bucket[window])))`: below it is the share `q` of what was observed;
 * NaN where nothing was.
 */
export function quantile<L extends string, const B extends L = never>(
  q: number,
  of: Metric<"histogram", L>,
  { over, by = [], where = {} }: HistogramWindow<NoInfer<L>, B>,
): Vector<B> {
  const rates = rate(selectUntargeted<"counter", string>(bucketsOf(of), where).over(over));
  const { node } = sum<string, string>(rates, { by: ["le", ...by] });
  return {
    type: "vector",
    node: { kind: "call", name: "histogram_quantile", args: [{ kind: "number", value: q }, node] },
  };
}

/** What a histogram counts by its bounds. */
const bucketsOf = (of: Metric<"histogram">): Metric<"counter"> => ({
  ...of,
  kind: "counter",
  name: `${of.name}_bucket`,
  labels: [...of.labels, "le"],
});
