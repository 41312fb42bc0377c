import pLimit from "p-limit";
import type { PrometheusTarget } from "../../../lib/prometheus/query-range.ts";
import type { Slo } from "../../model.ts";
import { selectorsOf } from "../../promql/query-tree.ts";
import { queriesOf } from "../check.ts";
import type { SloSize } from "../cost.ts";
import { asker, type Ask } from "./instant-query.ts";
import { numberIn } from "./live-check.ts";
import { selectorText } from "./series.ts";

const CONCURRENCY = 4;

/**
 * Counts the raw series that SLOs read and the groups that they make, for an estimate of what they cost; an SLO whose
 * query gives nothing now is left out. Throws `CollectError`.
 */
export async function sloSizes(slos: readonly Slo[], target: PrometheusTarget): Promise<ReadonlyMap<string, SloSize>> {
  const ask = asker(target);
  const limit = pLimit(CONCURRENCY);
  const sizes = await Promise.all(slos.map((slo) => limit(() => sizeOf(slo, ask))));
  return new Map(sizes.flatMap((size, i) => (size === undefined ? [] : [[slos[i]?.id ?? "", size] as const])));
}

async function sizeOf(slo: Slo, ask: Ask): Promise<SloSize | undefined> {
  let inputSeries = 0;
  for (const { tree } of queriesOf(slo))
    for (const { metric, matchers } of selectorsOf(tree))
      inputSeries += numberIn(await ask(`count(${selectorText(metric, matchers)})`)) ?? 0;
  if (inputSeries === 0) return undefined;
  return { inputSeries, groups: slo.groupBy.length === 0 ? 1 : await groupsOf(slo, ask) };
}

async function groupsOf({ sli, groupBy }: Slo, ask: Ask): Promise<number> {
  if (sli.kind === "composite") return 1;
  const query = sli.kind === "events" ? sli.total.at("5m") : sli.errorRatio.at("5m");
  return numberIn(await ask(`count(count by (${groupBy.join(", ")}) (${query}))`)) ?? 1;
}
