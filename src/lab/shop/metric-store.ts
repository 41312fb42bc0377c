import type { ShopFamily, ShopSeries } from "./contract.ts";

/** A series that is written: undefined writes nothing. */
export interface Written {
  value: number | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A histogram that is written. */
export interface WrittenHistogram {
  observe(value: number): void;
}

interface Kept extends Written {
  readonly family: string;
  owner: string;
  points: [at: number, value: number][];
}

interface Histogram extends WrittenHistogram {
  readonly owner: string;
  write(): void;
}

/** Upper bounds of buckets, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Holds every series; all are written at the same moments. */
export class MetricStore {
  readonly #families = new Map<string, { kind: ShopFamily["kind"]; help: string }>();
  #series: Kept[] = [];
  #live: Kept[] = [];
  #histograms: Histogram[] = [];

  /** A series of a family; what belongs to one `owner` ends together. */
  add(
    family: { name: string; kind: ShopFamily["kind"]; help: string },
    labels: Readonly<Record<string, string>>,
    { owner, value, name = family.name }: { owner: string; value?: number; name?: string },
  ): Written {
    if (!this.#families.has(family.name)) this.#families.set(family.name, { kind: family.kind, help: family.help });
    const kept: Kept = { family: family.name, name, labels, owner, value, points: [] };
    this.#series.push(kept);
    this.#live.push(kept);
    return kept;
  }

  histogram(
    family: { name: string; help: string },
    labels: Readonly<Record<string, string>>,
    owner: string,
  ): WrittenHistogram {
    const whole = { ...family, kind: "histogram" } as const;
    const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0);
    let total = 0;
    const buckets = [...BOUNDS.map(String), "+Inf"].map((le) =>
      this.add(whole, { ...labels, le }, { owner, value: 0, name: `${family.name}_bucket` }),
    );
    const [sum, count] = ["sum", "count"].map((part) =>
      this.add(whole, labels, { owner, value: 0, name: `${family.name}_${part}` }),
    ) as [Written, Written];
    const histogram: Histogram = {
      owner,
      observe: (value) => {
        const at = BOUNDS.findIndex((bound) => value <= bound);
        const bucket = at === -1 ? BOUNDS.length : at;
        counts[bucket] = (counts[bucket] ?? 0) + 1;
        total += value;
      },
      write: () => {
        let below = 0;
        for (const [i, bucket] of buckets.entries()) {
          below += counts[i] ?? 0;
          bucket.value = below;
        }
        sum.value = total;
        count.value = below;
      },
    };
    this.#histograms.push(histogram);
    return histogram;
  }

  /** Writes all series at a moment. */
  write(at: number): void {
    for (const histogram of this.#histograms) histogram.write();
    for (const { value, points } of this.#live) if (value !== undefined) points.push([at, value]);
  }

  /** Ends the series of an owner. */
  end(owner: string): void {
    this.#live = this.#live.filter((each) => each.owner !== owner);
    this.#histograms = this.#histograms.filter((each) => each.owner !== owner);
  }

  /** What was written since it was last taken. */
  take(): ShopFamily[] {
    const series = new Map<string, ShopSeries[]>();
    for (const kept of this.#series) {
      if (kept.points.length === 0) continue;
      const of = series.get(kept.family) ?? [];
      of.push({ name: kept.name, labels: kept.labels, points: kept.points });
      series.set(kept.family, of);
      kept.points = [];
    }
    this.#series = [...this.#live];
    return [...series].map(([name, of]) => ({
      name,
      kind: this.#families.get(name)?.kind ?? "gauge",
      help: this.#families.get(name)?.help ?? "",
      series: of,
    }));
  }
}
