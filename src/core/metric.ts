/**
 * What a metric's value means over time; `info` is a gauge of 1 whose labels carry the facts. Only the service's own
 * are histograms.
 */
export type MetricKind = "gauge" | "counter" | "info" | "histogram";

/**
 * The unit of a metric's value, for panels and the reference page. `timestamp` is Unix time in seconds, `ratio` runs
 * from 0 to 1, `boolean` is 0 or 1, `none` is a plain count or index.
 */
export type Unit = "seconds" | "timestamp" | "bytes" | "ratio" | "celsius" | "boolean" | "none";

/** The names that a kind may have by Prometheus' rules: https://prometheus.io/docs/practices/naming/ */
export type NameFor<K extends MetricKind> = K extends "counter"
  ? `${string}_total`
  : K extends "info"
    ? `${string}_info`
    : string;

/** Labels that the runtime adds to every polled series, so that no pack writes them. */
export type TargetLabel = "target";

/** One metric family: the single place where its name, help text and labels are written. */
export interface Metric<K extends MetricKind = MetricKind, L extends string = string> {
  readonly kind: K;
  readonly name: string;
  readonly help: string;
  readonly unit: Unit;
  /** Labels that a collector gives, in the order they are printed; `target` comes before them. */
  readonly labels: readonly L[];
}

interface MetricText<L extends string> {
  help: string;
  unit?: Unit;
  labels?: readonly L[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** The runtime adds the first; Prometheus adds the others, and would rename ours. */
const ADDED_LABELS: ReadonlySet<string> = new Set(["target", "job", "instance"]);

function metric<K extends MetricKind, L extends string>(kind: K, name: NameFor<K>, text: MetricText<L>): Metric<K, L> {
  const labels = text.labels ?? [];
  if (!NAME.test(name)) throw new Error(`not a metric name: ${name}`);
  for (const label of labels) {
    if (!LABEL.test(label) || label.startsWith("__") || ADDED_LABELS.has(label))
      throw new Error(`not a label that metric ${name} may declare: ${label}`);
  }
  return { kind, name, help: text.help, unit: text.unit ?? "none", labels };
}

/** Declares a gauge. Throws on a name or label that Prometheus does not take. */
export const gauge = <const L extends string = never>(name: string, text: MetricText<L>): Metric<"gauge", L> =>
  metric("gauge", name, text);

/** Declares a counter; its name ends in `_total`. */
export const counter = <const L extends string = never>(
  name: `${string}_total`,
  text: MetricText<L>,
): Metric<"counter", L> => metric("counter", name, text);

/** Declares an info metric, a gauge of 1 whose labels carry facts; its name ends in `_info`. */
export const info = <const L extends string = never>(name: `${string}_info`, text: MetricText<L>): Metric<"info", L> =>
  metric("info", name, text);

/** Declares a histogram of the service itself. */
export const histogram = <const L extends string = never>(name: string, text: MetricText<L>): Metric<"histogram", L> =>
  metric("histogram", name, text);

/** One value of one series; `labels` has one text per label of the metric, in the metric's order. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

/** The samples of one metric, in the order they were recorded. */
export interface Family {
  readonly metric: Metric;
  readonly samples: readonly Sample[];
}

/** What one poll of one part found. Never changed once made: the next poll makes another one. */
export interface Snapshot {
  readonly families: readonly Family[];
  /** When the poll ended, in Unix milliseconds. */
  readonly takenAt: number;
}

/** A number or boolean that was read, or undefined when it is unknown. */
export type Reading = number | boolean | null | undefined;

/**
 * Gathers the samples of one poll. What is unknown (undefined, null or NaN) is left out, never made 0; a boolean
 * becomes 1 or 0. The second of two samples with the same labels throws, because Prometheus refuses such a scrape.
 */
export class Recorder {
  readonly #families = new Map<Metric, Map<string, Sample>>();

  /** Records one value; the labels are exactly those the metric declares. */
  record<L extends string>(metric: Metric<MetricKind, L>, labels: Readonly<Record<L, string>>, value: Reading): void {
    if (value === undefined || value === null || Number.isNaN(value)) return;
    const texts = metric.labels.map((label) => labels[label]);
    const key = keyOf(texts);
    const samples = this.#families.get(metric) ?? new Map<string, Sample>();
    if (samples.has(key)) throw new DuplicateSample(metric.name, metric.labels, texts);
    samples.set(key, { labels: texts, value: Number(value) });
    this.#families.set(metric, samples);
  }

  /** The finished snapshot. */
  snapshot(takenAt: number): Snapshot {
    const families = [...this.#families].map(([metric, samples]) => ({ metric, samples: [...samples.values()] }));
    return { families, takenAt };
  }
}

/** One text for several: each with its length before it, so that no two lists of texts share one. */
function keyOf(texts: readonly string[]): string {
  let key = "";
  for (const text of texts) key += `${text.length}:${text}`;
  return key;
}

/** Two samples of one poll had the same metric and labels: the target names the same thing twice. */
export class DuplicateSample extends Error {
  override readonly name = "DuplicateSample";

  constructor(metricName: string, labels: readonly string[], texts: readonly string[]) {
    const pairs = labels.map((label, i) => `${label}=${JSON.stringify(texts[i])}`).join(",");
    super(`two values for ${metricName}{${pairs}} in one poll`);
  }
}
