/** Labels that name whose series it is, the nearest thing first. */
const SUBJECTS = [
  "pod",
  "guest",
  "name",
  "service",
  "service_name",
  "app",
  "container",
  "node",
  "host",
  "target",
  "job",
  "instance",
];
/** Labels that say nothing to a person who was woken. */
const UNSAID = new Set(["__name__", "job", "instance", "namespace", "endpoint", "prometheus", "cluster", "uid"]);
const MOST_LABELS = 3;

/** A series for people: what is measured, whose it is, and which one of it. */
export function nameSeries(series: {
  readonly metric: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}): string {
  const { labels, metric, expr } = series;
  const subject = SUBJECTS.find((label) => labels[label] !== undefined && labels[label] !== "");
  const rest = Object.entries(labels)
    .filter(([label, value]) => label !== subject && value !== "" && !UNSAID.has(label) && !SUBJECTS.includes(label))
    .slice(0, MOST_LABELS)
    .map(([label, value]) => `${label} ${value}`);
  const of = subject === undefined ? "" : ` of ${labels[subject] ?? ""}`;
  return `${measureOf(metric, expr)}${of}${rest.length === 0 ? "" : ` (${rest.join(", ")})`}`;
}

function measureOf(metric: string, expr: string): string {
  const quantile = /^histogram_quantile\(\s*0?\.(\d+)/.exec(expr)?.[1];
  if (quantile !== undefined) return `p${quantile.padEnd(2, "0")} of ${metric}`;
  return /^(?:sum\b[^(]*\()?\s*(?:i?rate|increase)\(/.test(expr) ? `rate of ${metric}` : metric;
}
