import type { LabelMatcher } from "../../core/label-matcher.ts";
import type { Exemplar, Points } from "../../core/telemetry.ts";

/** Labels with the metric's name as `__name__`. */
export type Labels = Readonly<Record<string, string>>;

/** A metric, as a target tells it. */
export interface LabFamily {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly series: readonly {
    /** Of a histogram's series with `_bucket`, `_sum` or `_count`. */
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly points: Points;
  }[];
}

/** A series that is kept; times in Unix milliseconds, each later than the one before. */
export interface StoredSeries {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
}

/** Holds samples, exemplars and what is known about metrics. */
export class SeriesStore {
  readonly metadata = new Map<string, { readonly type: string; readonly help: string }>();
  readonly exemplars: Exemplar[] = [];
  readonly #series = new Map<string, StoredSeries>();
  readonly #retentionMs: number;
  readonly #byName = new Map<string, StoredSeries[]>();

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  /** Keeps more; points must be later than those that are kept of the series. */
  add(families: readonly LabFamily[], exemplars: readonly Exemplar[]): void {
    for (const { name, kind, help, series } of families) {
      this.metadata.set(name, { type: kind, help });
      for (const each of series) this.#append({ ...each.labels, __name__: each.name }, each.points);
    }
    for (const exemplar of exemplars) this.exemplars.push({ ...exemplar, labels: this.#bucketOf(exemplar) });
  }

  select(matchers: readonly LabelMatcher[]): readonly StoredSeries[] {
    const name = matchers.find(({ label, operator }) => label === "__name__" && operator === "=");
    const candidates = name === undefined ? [...this.#series.values()] : (this.#byName.get(name.value) ?? []);
    return candidates.filter(({ labels }) => matchers.every((matcher) => matcher.matches(labels)));
  }

  /** Labels of the lowest bucket that holds the value, of those of a histogram. */
  #bucketOf({ metric, labels, value }: Exemplar): Labels {
    const isOf = (series: Labels): boolean =>
      Object.entries(labels).every(([label, text]) => series[label] === text) && boundOf(series) >= value;
    const buckets = (this.#byName.get(metric) ?? []).map((series) => series.labels).filter(isOf);
    const { le } = buckets.toSorted((a, b) => boundOf(a) - boundOf(b))[0] ?? {};
    return le === undefined ? labels : { ...labels, le };
  }

  #append(labels: Labels, points: Points): void {
    const key = keyOf(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, times: [], values: [] };
      this.#series.set(key, series);
      const name = labels["__name__"] ?? "";
      const named = this.#byName.get(name) ?? [];
      named.push(series);
      this.#byName.set(name, named);
    }
    for (const [at, value] of points) {
      series.times.push(at);
      series.values.push(value);
    }
    const old = placeAfter(series.times, (series.times.at(-1) ?? 0) - this.#retentionMs);
    series.times.splice(0, old);
    series.values.splice(0, old);
  }
}

const boundOf = ({ le }: Labels): number => (le === "+Inf" ? Infinity : Number(le));

/** One text for one set of labels, in whatever order. */
export const keyOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The place after the last of the sorted times that is at most `at`. */
export function placeAfter(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
