import { numberOf, type Grid, type Label, type PlacedSpan, type Series } from "./series-types.ts";
import type { MetricsStage } from "./traceql/tree.ts";

/** Spans whose values are spread over buckets. */
interface Spread {
  readonly labels: readonly Label[];
  readonly spans: readonly PlacedSpan[];
  readonly grid: Grid;
}

/** Series of buckets, or of quantiles that are reckoned from them. A bucket ends at a power of two, in nanoseconds. */
export function distribution(stage: MetricsStage, { labels, spans, grid }: Spread): readonly Series[] {
  const buckets = new Map<number, number[]>();
  for (const { stored, point } of spans) {
    const value = stage.of === undefined ? undefined : numberOf(stored, stage.of);
    if (value === undefined || value <= 0) continue;
    const exponent = Math.ceil(Math.log2(value * 1e9));
    const counts = buckets.get(exponent) ?? Array.from({ length: grid.count }, () => 0);
    buckets.set(exponent, counts);
    counts[point] = (counts[point] ?? 0) + 1;
  }
  const sorted = [...buckets.entries()].toSorted(([a], [b]) => a - b);
  if (sorted.length === 0) return [];
  if (stage.name === "histogram_over_time")
    return sorted.map(([exponent, values]) => ({
      labels: [...labels, { key: "__bucket", value: { type: "float", value: 2 ** exponent / 1e9 } }],
      values,
      isCount: true,
    }));
  return stage.quantiles.map((share) => ({
    labels: [...labels, { key: "p", value: { type: "float", value: share } }],
    values: Array.from({ length: grid.count }, (_, point) => quantile(sorted, share, point)),
    isCount: true,
  }));
}

/** Between the bounds of its bucket a quantile lies by its exponent. */
function quantile(buckets: readonly (readonly [number, readonly number[]])[], share: number, point: number): number {
  const total = buckets.reduce((sum, [, counts]) => sum + (counts[point] ?? 0), 0);
  if (total === 0) return 0;
  let left = share * total;
  for (const [exponent, counts] of buckets) {
    const inside = counts[point] ?? 0;
    if (inside > 0 && left <= inside) return 2 ** (exponent - 1 + left / inside) / 1e9;
    left -= inside;
  }
  return 2 ** (buckets.at(-1)?.[0] ?? 0) / 1e9;
}
