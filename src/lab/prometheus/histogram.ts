import { keyOf, type Labels } from "./series-store.ts";

interface Bucket {
  readonly bound: number;
  readonly count: number;
}

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The quantile of each histogram of whose buckets these are the samples. */
export function quantileOf(quantile: number, samples: readonly Sample[]): readonly Sample[] {
  const histograms = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels, value } of samples) {
    const { le, __name__: _, ...others } = labels;
    const bound = le === "+Inf" ? Infinity : Number(le);
    if (le === undefined || Number.isNaN(bound)) continue;
    const key = keyOf(others);
    const histogram = histograms.get(key) ?? { labels: others, buckets: [] };
    histogram.buckets.push({ bound, count: value });
    histograms.set(key, histogram);
  }
  return [...histograms.values()].map(({ labels, buckets }) => ({
    labels,
    value: bucketQuantile(
      quantile,
      buckets.toSorted((a, b) => a.bound - b.bound),
    ),
  }));
}

/**
 * Within a bucket values are taken to be spread evenly, and the first bucket to begin at zero.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
function bucketQuantile(quantile: number, sorted: readonly Bucket[]): number {
  const last = sorted.at(-1);
  if (last === undefined || last.bound !== Infinity) return Number.NaN;
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const buckets = rising(merged(sorted));
  const total = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || total === 0 || Number.isNaN(total)) return Number.NaN;
  const rank = quantile * total;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (found === -1) return buckets.at(-2)?.bound ?? Number.NaN;
  const { bound, count } = buckets[found] ?? last;
  if (found === 0 && bound <= 0) return bound;
  const below = buckets[found - 1] ?? { bound: 0, count: 0 };
  return below.bound + (bound - below.bound) * ((rank - below.count) / (count - below.count));
}

/** `1` and `1.0` are the same bound. */
function merged(buckets: readonly Bucket[]): readonly Bucket[] {
  return [...Map.groupBy(buckets, ({ bound }) => bound)].map(([bound, of]) => ({
    bound,
    count: of.reduce((sum, { count }) => sum + count, 0),
  }));
}

/** Counts that fall, as rates of samples at different moments do, are lifted. */
function rising(buckets: readonly Bucket[]): readonly Bucket[] {
  let most = -Infinity;
  return buckets.map(({ bound, count }) => {
    most = Math.max(most, count);
    return { bound, count: most };
  });
}
