import { quantileOf } from "./histogram.ts";
import type { Query, Selector } from "./query.ts";
import { RANGE_RUNS } from "./range-functions.ts";
import { keyOf, placeAfter, type Labels, type StoredSeries } from "./series-store.ts";

/** One series of an instant vector. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Finds the series of a selector; asked again at each step. */
export type Select = (selector: Selector) => readonly StoredSeries[];

/** A query that was understood and can not be answered. */
export class ExecutionError extends Error {
  override readonly name = "ExecutionError";
}

const LOOK_BACK_MS = 300_000;

/**
 * Evaluates a query at a moment in Unix milliseconds. Ranges and the look-back of selectors are open on the left, as
 * from Prometheus 3 on.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
 */
export function evaluate(select: Select, query: Query, at: number): readonly Sample[] {
  switch (query.kind) {
    case "selector": {
      const moment = at - query.offsetMs;
      return select(query).flatMap(({ labels, times, values }) => {
        const last = placeAfter(times, moment) - 1;
        const value = values[last];
        return value === undefined || (times[last] ?? 0) <= moment - LOOK_BACK_MS ? [] : [{ labels, value }];
      });
    }
    case "range": {
      const end = at - query.of.offsetMs;
      const start = end - query.rangeMs;
      const found = select(query.of).flatMap(({ labels, times, values }) => {
        const [first, last] = [placeAfter(times, start), placeAfter(times, end)];
        const range = { times: times.slice(first, last), values: values.slice(first, last), start, end };
        const value = range.times.length === 0 ? undefined : RANGE_RUNS[query.run](range);
        return value === undefined
          ? []
          : [{ labels: query.run === "last_over_time" ? labels : unnamed(labels), value }];
      });
      return withoutTwins(found);
    }
    case "vector":
      return [{ labels: {}, value: query.value }];
    case "quantile":
      return withoutTwins(quantileOf(query.quantile, evaluate(select, query.of, at)));
    case "aggregation":
      return aggregate(query, evaluate(select, query.of, at));
  }
}

/** What functions leave of labels. */
const unnamed = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => label !== "__name__"));

function withoutTwins(samples: readonly Sample[]): readonly Sample[] {
  if (new Set(samples.map(({ labels }) => keyOf(labels))).size !== samples.length)
    throw new ExecutionError("vector cannot contain metrics with the same labelset");
  return samples;
}

function aggregate(
  { run, grouping, isWithout }: Extract<Query, { kind: "aggregation" }>,
  samples: readonly Sample[],
): readonly Sample[] {
  const isKept = (label: string): boolean =>
    isWithout ? label !== "__name__" && !grouping.includes(label) : grouping.includes(label);
  const groups = new Map<string, { labels: Labels; values: number[] }>();
  for (const { labels, value } of samples) {
    const kept = Object.fromEntries(Object.entries(labels).filter(([label]) => isKept(label)));
    const key = keyOf(kept);
    const group = groups.get(key) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: AGGREGATED[run](values) }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** What is no number counts only where there is nothing else. */
const extreme = (values: readonly number[], most: (...of: number[]) => number): number => {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? Number.NaN : most(...numbers);
};

const AGGREGATED: Readonly<
  Record<Extract<Query, { kind: "aggregation" }>["run"], (values: readonly number[]) => number>
> = {
  sum,
  count: (values) => values.length,
  avg: (values) => sum(values) / values.length,
  min: (values) => extreme(values, Math.min),
  max: (values) => extreme(values, Math.max),
};
