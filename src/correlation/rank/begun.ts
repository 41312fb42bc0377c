import type { MetricSeries, Points } from "../../core/telemetry.ts";

/** What was counted is computed so; what no counter has, it did not count. */
export const OF_COUNTER = /^(?:sum\b[^(]*\()?\s*(?:i?rate|increase)\(/;
/** Values of labels that tell of failures. */
const FAILURE = /^5\d\d$|^5xx$|error|fail|exception|time_?out|refused|reject|unavailable/i;

/**
 * Gives a counter of failures, which has no values until the first failure, the zeros of the time until then: where
 * another series has the same labels but the one that tells of the failure, the thing was measured, and had none.
 */
export function withZerosBefore(all: readonly MetricSeries[]): MetricSeries[] {
  const metrics = Map.groupBy(all, ({ metric }) => metric);
  return all.map((series) => {
    if (!hasBegun(series)) return series;
    const sibling = metrics.get(series.metric)?.find((other) => other.before.length > 0 && isSibling(series, other));
    if (sibling === undefined) return series;
    const first = series.window[0]?.[0] ?? 0;
    const earlier = sibling.window.filter(([at]) => at < first);
    return { ...series, before: zerosAt(sibling.before), window: [...zerosAt(earlier), ...series.window] };
  });
}

const zerosAt = (points: Points): Points => points.map(([at]) => [at, 0] as const);

const hasBegun = ({ expr, before, yesterday, lastWeek }: MetricSeries): boolean =>
  OF_COUNTER.test(expr) && before.length === 0 && yesterday.length === 0 && lastWeek.length === 0;

function isSibling({ labels }: MetricSeries, { labels: others }: MetricSeries): boolean {
  const names = [...new Set([...Object.keys(labels), ...Object.keys(others)])];
  const different = names.filter((name) => labels[name] !== others[name]);
  const [only = ""] = different;
  return different.length === 1 && FAILURE.test(labels[only] ?? "");
}
