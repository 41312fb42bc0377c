import type { StoredSpan } from "./trace.ts";
import { valuesOf } from "./traceql/fields.ts";
import type { Field, Value } from "./traceql/tree.ts";
import type { StoreView } from "./view.ts";

/** Where the points lie. */
export interface Grid {
  /** Unix milliseconds of the first point. */
  readonly firstMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** One value over the whole window, which begins a step before the point. */
  readonly isInstant: boolean;
}

/** A label of a series or an exemplar. */
export interface Label {
  readonly key: string;
  readonly value: Value;
}

/** One series; a point without a value is undefined, and shown as zero when the series counts. */
export interface Series {
  readonly labels: readonly Label[];
  readonly values: readonly (number | undefined)[];
  readonly isCount: boolean;
  readonly exemplars?: readonly Exemplar[];
}

/** A span that stands for others: the value is its own, or that of its point. */
export interface Exemplar {
  readonly labels: readonly Label[];
  readonly value: number | undefined;
  readonly atMs: number;
}

/** What a query of metrics is evaluated over. */
export interface MetricsScope {
  readonly view: StoreView;
  readonly grid: Grid;
  readonly maxExemplars: number;
}

/** A span with its place on the grid. */
export interface PlacedSpan {
  readonly stored: StoredSpan;
  readonly point: number;
}

/** The number that a span has for the field; durations in seconds. */
export function numberOf(stored: StoredSpan, field: Field): number | undefined {
  const [value] = valuesOf(stored, field);
  if (value === undefined || typeof value.value !== "number") return undefined;
  return value.type === "duration" ? value.value / 1e9 : value.value;
}
