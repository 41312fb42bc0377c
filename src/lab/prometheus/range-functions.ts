import type { Query } from "./query.ts";

/** The samples of one series in a range that has some; times in Unix milliseconds. */
export interface Range {
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly start: number;
  readonly end: number;
}

type Run = Extract<Query, { kind: "range" }>["run"];

/** Functions of a range; undefined where there is too little to tell. */
export const RANGE_RUNS: Readonly<Record<Run, (range: Range) => number | undefined>> = {
  rate: (range) => {
    const grown = increase(range);
    return grown === undefined ? undefined : grown / ((range.end - range.start) / 1000);
  },
  increase,
  deriv: ({ times, values }) => {
    if (values.length < 2) return undefined;
    const [from = 0] = times;
    const seconds = times.map((at) => (at - from) / 1000);
    const [middle, level] = [mean(seconds), mean(values)];
    let [together, alone] = [0, 0];
    for (const [i, at] of seconds.entries()) {
      together += (at - middle) * ((values[i] ?? 0) - level);
      alone += (at - middle) ** 2;
    }
    return together / alone;
  },
  count_over_time: ({ values }) => values.length,
  last_over_time: ({ values }) => values.at(-1),
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A gap at an end of the range that is longer than so many usual distances is no gap between two samples. */
const LONGEST_GAP = 1.1;

/**
 * How much a counter grew, carried on to the ends of the range where samples come near them, and not below zero.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/functions/#rate
 */
function increase({ times, values, start, end }: Range): number | undefined {
  const [first, last] = [values[0], values.at(-1)];
  const [firstAt, lastAt] = [times[0], times.at(-1)];
  if (values.length < 2 || first === undefined || last === undefined || firstAt === undefined || lastAt === undefined)
    return undefined;
  let grown = last - first;
  for (let i = 1; i < values.length; i += 1) {
    const before = values[i - 1] ?? 0;
    if ((values[i] ?? 0) < before) grown += before;
  }
  const sampled = (lastAt - firstAt) / 1000;
  const usual = sampled / (values.length - 1);
  const carried = (gap: number): number => (gap >= usual * LONGEST_GAP ? usual / 2 : gap);
  let toStart = carried((firstAt - start) / 1000);
  const toEnd = carried((end - lastAt) / 1000);
  if (grown > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / grown));
  return grown * ((sampled + toStart + toEnd) / sampled);
}
