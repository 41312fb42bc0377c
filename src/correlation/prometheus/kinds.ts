type Labels = Readonly<Record<string, string>>;

/** How a metric is read: what is `left_out` tells nothing over time. */
export type SeriesKind = "gauge" | "counter" | "histogram" | "native_histogram" | "left_out";

/** What is known of all metrics, by name. */
export interface MetricNames {
  /** Types as `/api/v1/metadata` has them; often silent of what came by remote write. */
  readonly types: ReadonlyMap<string, string>;
  /** Labels of some series of each metric that has any. */
  readonly examples: ReadonlyMap<string, Labels>;
}

/** The alerts themselves, and what Prometheus says of its own scrapes. */
const OF_PROMETHEUS = /^(?:ALERTS|ALERTS_FOR_STATE|scrape_.+)$/;
const FACTS = /(?:_info|_created)$/;
const BUCKET = /_bucket$/;

/** Judges a metric by its type where the server tells it, else by its name and its neighbours' names. */
export function kindOf(name: string, { types, examples }: MetricNames): SeriesKind {
  if (OF_PROMETHEUS.test(name) || FACTS.test(name)) return "left_out";
  const labels = examples.get(name) ?? {};
  if (BUCKET.test(name) && "le" in labels) return "histogram";
  const base = name.replace(/_(?:count|sum)$/, "");
  // the count is read with the buckets, and the sum is told by them
  if (base !== name && "le" in (examples.get(`${base}_bucket`) ?? {})) return "left_out";
  const isSummary = base !== name && ("quantile" in (examples.get(base) ?? {}) || types.get(base) === "summary");
  if (isSummary) return "counter";
  if (name.includes(":")) return "gauge";
  return byType(types.get(name) ?? types.get(name.replace(/_total$/, ""))) ?? byName(name);
}

function byType(type: string | undefined): SeriesKind | undefined {
  if (type === "counter" || type === "gauge") return type;
  if (type === "summary" || type === "stateset") return "gauge";
  if (type === "histogram") return "native_histogram";
  return type === "info" || type === "gaugehistogram" ? "left_out" : undefined;
}

const byName = (name: string): SeriesKind => (name.endsWith("_total") ? "counter" : "gauge");

const TELLS_TIME = /time|_seconds|not_(?:after|before)|expir|updated?$|created|since|_at$/;
const NEAR = 40 * 365 * 86_400;

/** Whether a gauge holds moments in Unix seconds or milliseconds, by name and values; `now` in Unix milliseconds. */
export function isMoment(name: string, values: readonly number[], now: number): boolean {
  if (!TELLS_TIME.test(name) || values.length === 0) return false;
  const near = (value: number, unit: number): boolean =>
    Math.abs(value - now / unit) < NEAR * (1_000 / unit) && value > 1e9;
  return values.every((value) => near(value, 1_000)) || values.every((value) => near(value, 1));
}

/** Points by which a course is known. */
const ENOUGH = 10;

/**
 * Whether values do nothing but rise, or nothing but fall, as an uptime or the space that fills up: the newest would
 * always stand out, so that its pace is judged in its place.
 */
export function isSteady(values: readonly number[]): boolean {
  if (values.length < ENOUGH) return false;
  let up = 0;
  let down = 0;
  for (const [i, value] of values.entries()) {
    const before = values[i - 1];
    if (before === undefined) continue;
    if (value > before) up += 1;
    if (value < before) down += 1;
  }
  const most = 0.9 * (values.length - 1);
  return (up >= most && down === 0) || (down >= most && up === 0);
}
