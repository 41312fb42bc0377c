import { selectorsOf, type QueryMatcher, type QuerySelector } from "../../promql/query-tree.ts";
import { error, queriesOf, warning, type Fault } from "../check.ts";
import type { Ask } from "./instant-query.ts";
import { numberIn, type LiveCheck } from "./live-check.ts";

/** Selectors that find nothing: a metric, label or value that the server does not know. */
export const unknownSeries: LiveCheck = {
  name: "unknown-series",
  async check(slo, ask) {
    const faults: Fault[] = [];
    const seen = new Set<string>();
    for (const { field, tree } of queriesOf(slo))
      for (const selector of selectorsOf(tree)) {
        const text = selectorText(selector.metric, selector.matchers);
        if (seen.has(text) || (await has(ask, text))) continue;
        seen.add(text);
        const found = await faultOf(ask, selector, field);
        if (found !== undefined) faults.push(found);
      }
    return faults;
  },
};

const has = async (ask: Ask, selector: string): Promise<boolean> =>
  (numberIn(await ask(`count(last_over_time(${selector}[1h]))`)) ?? 0) > 0;

async function faultOf(ask: Ask, { metric, matchers }: QuerySelector, field: string): Promise<Fault | undefined> {
  if (metric !== undefined && !(await has(ask, selectorText(metric, []))))
    return error(
      field,
      `reads ${metric}, of which there was no series in the last hour: look for its name in the metrics of the target, and whether that is scraped`,
    );
  for (const { label } of matchers)
    if (!(await has(ask, selectorText(metric, [{ label, operator: "!=", value: "" }]))))
      return error(
        field,
        `asks for the label ${label}, which no series of ${metric ?? "any metric"} has: look for its name`,
      );
  // a failure that never happened has no series
  if (field !== "sli.total") return undefined;
  for (const matcher of matchers)
    if (!(await has(ask, selectorText(metric, [matcher]))))
      return error(
        field,
        `asks for ${matcherText(matcher)}, which no series of ${metric ?? "any metric"} has: look for the value`,
      );
  return warning(
    field,
    `asks for ${selectorText(metric, matchers)}, which no series is altogether, though each part is there`,
  );
}

/** A selector in PromQL; JSON's quotes are PromQL's. */
export function selectorText(metric: string | undefined, matchers: readonly QueryMatcher[]): string {
  const name = metric === undefined ? [] : [`__name__=${JSON.stringify(metric)}`];
  return `{${[...name, ...matchers.map(matcherText)].join(",")}}`;
}

const matcherText = ({ label, operator, value }: QueryMatcher): string => `${label}${operator}${JSON.stringify(value)}`;
