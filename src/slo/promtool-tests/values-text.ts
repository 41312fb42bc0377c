import type { InputSeries } from "./series.ts";
import type { Unknowns } from "./solve.ts";

/** What an unknown is worth for some minutes. */
export interface Stretch {
  readonly minutes: number;
  readonly unknowns: Unknowns;
}

/** Counters begin so high that `increase` does not take the first minutes for the time since they were 0. */
const START = 100_000_000;

/** Scrapes in the 5 minutes that unknowns are told for. */
const SCRAPES = 5;

/**
 * The samples of a series, one a minute, in promtool's notation; `bound` is the one that a native histogram is asked for.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
 */
export function valuesText(series: InputSeries, stretches: readonly Stretch[], bound: number | undefined): string {
  switch (series.kind) {
    case "gauge":
      return gauge(series, stretches);
    case "counter":
      return counter(series, stretches);
    case "histogram":
      return histogram(series, stretches, bound ?? 1);
  }
}

function gauge({ unknown }: InputSeries, stretches: readonly Stretch[]): string {
  const values = stretches.map(({ minutes, unknowns }, i) => {
    // the sample of minute 0 is one more
    const times = i === 0 ? minutes : minutes - 1;
    return `${number(unknowns.get(unknown) ?? 0)}x${times}`;
  });
  return values.join(" ");
}

function counter({ unknown, share }: InputSeries, stretches: readonly Stretch[]): string {
  let now = START;
  const values = stretches.map(({ minutes, unknowns }) => {
    const step = ((unknowns.get(unknown) ?? 0) * share) / SCRAPES;
    const first = now + step;
    now += step * minutes;
    return `${number(first)}+${number(step)}x${minutes - 1}`;
  });
  return [String(START), ...values].join(" ");
}

interface Buckets {
  readonly fast: number;
  readonly slow: number;
}

function histogram({ unknown, share }: InputSeries, stretches: readonly Stretch[], bound: number): string {
  const print = bucketsText(bound);
  let now: Buckets = { fast: START, slow: START };
  const values = stretches.map(({ minutes, unknowns }) => {
    const of = (part: string): number => ((unknowns.get(`${unknown}:${part}`) ?? 0) * share) / SCRAPES;
    const step: Buckets = { fast: of("fast"), slow: of("slow") };
    const first = { fast: now.fast + step.fast, slow: now.slow + step.slow };
    now = { fast: now.fast + step.fast * minutes, slow: now.slow + step.slow * minutes };
    return `${print(first)}+${print(step)}x${minutes - 1}`;
  });
  return [print({ fast: START, slow: START }), ...values].join(" ");
}

/** Fast events fill the last bucket that is below the bound, slow ones the first that is above it; buckets double. */
function bucketsText(bound: number): (of: Buckets) => string {
  const below = Math.floor(Math.log2(bound));
  const above = Math.ceil(Math.log2(bound)) + 1;
  const between = "0 ".repeat(above - below - 1);
  return ({ fast, slow }) => {
    const sum = fast * 2 ** below + slow * 2 ** above;
    const counts = `${number(fast)} ${between}${number(slow)}`;
    return `{{schema:0 sum:${number(sum)} count:${number(fast + slow)} offset:${below} buckets:[${counts}]}}`;
  };
}

/** Without an exponent, which promtool's notation does not know everywhere. */
const number = (value: number): string => String(Number(value.toFixed(9)));
