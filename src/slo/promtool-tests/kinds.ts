import { partsOf, type QueryNode, type QuerySelector } from "../promql/query-tree.ts";
import type { SeriesKind } from "./series.ts";
import { Odd } from "./value.ts";

/** The selectors of one metric, over all queries of an SLO. */
export interface MetricUse {
  readonly kind: SeriesKind;
  readonly selectors: readonly QuerySelector[];
}

/**
 * What each metric is, told by the functions around it. Throws {@link Odd} when they do not agree or a name is missing.
 */
export function metricsOf(queries: readonly QueryNode[]): readonly MetricUse[] {
  const found = new Map<string, { kind: SeriesKind; selectors: QuerySelector[] }>();
  const walk = (node: QueryNode, isIncrease: boolean, isHistogram: boolean): void => {
    if (node.kind === "selector") return note(node, isIncrease, isHistogram);
    const name = node.kind === "call" ? node.name : "";
    for (const part of partsOf(node))
      walk(part, isIncrease || name === "rate" || name === "increase", isHistogram || name.startsWith("histogram_"));
  };
  const note = (selector: QuerySelector, isIncrease: boolean, isHistogram: boolean): void => {
    if (selector.metric === undefined) throw new Odd("a selector without the name of a metric");
    const kind = isIncrease ? (isHistogram ? "histogram" : "counter") : "gauge";
    const known = found.get(selector.metric);
    if (known === undefined) found.set(selector.metric, { kind, selectors: [selector] });
    else if (known.kind === kind) known.selectors.push(selector);
    else throw new Odd(`${selector.metric} as a ${known.kind} and as a ${kind}`);
  };
  for (const query of queries) walk(query, false, false);
  return [...found.values()];
}
