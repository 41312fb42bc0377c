import { minutes, type Duration } from "../../core/duration.ts";
import type { InputSeries } from "./series.ts";
import type { Unknowns } from "./solve.ts";

/** What an unknown is worth for some time. */
export interface Stretch {
  /** A multiple of what lies between two samples. */
  readonly length: Duration;
  readonly unknowns: Unknowns;
}

/** Counters begin so high that `increase` does not take the first minutes for the time since they were 0. */
const START = 100_000_000;

/** What unknowns are told for. */
const FIVE_MINUTES = minutes(5);

/** How a series is written: a sample so often; `bound` is the one that a native histogram is asked for. */
export interface Writing {
  readonly sampling: Duration;
  readonly bound: number | undefined;
}

/**
 * The samples of a series in promtool's notation.
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
 */
export function valuesText(series: InputSeries, stretches: readonly Stretch[], writing: Writing): string {
  switch (series.kind) {
    case "gauge":
      return gauge(series, stretches, writing);
    case "counter":
      return counter(series, stretches, writing);
    case "histogram":
      return histogram(series, stretches, writing);
  }
}

function gauge({ unknown }: InputSeries, stretches: readonly Stretch[], { sampling }: Writing): string {
  const values = stretches.map(({ length, unknowns }, i) => {
    // the sample of moment 0 is one more
    const times = length / sampling - (i === 0 ? 0 : 1);
    return `${number(unknowns.get(unknown) ?? 0)}x${times}`;
  });
  return values.join(" ");
}

function counter({ unknown, share }: InputSeries, stretches: readonly Stretch[], { sampling }: Writing): string {
  let now = START;
  const values = stretches.map(({ length, unknowns }) => {
    const step = ((unknowns.get(unknown) ?? 0) * share * sampling) / FIVE_MINUTES;
    const first = now + step;
    now += (step * length) / sampling;
    return `${number(first)}+${number(step)}x${length / sampling - 1}`;
  });
  return [String(START), ...values].join(" ");
}

interface Buckets {
  readonly fast: number;
  readonly slow: number;
}

function histogram(
  { unknown, share }: InputSeries,
  stretches: readonly Stretch[],
  { sampling, bound = 1 }: Writing,
): string {
  const print = bucketsText(bound);
  let now: Buckets = { fast: START, slow: START };
  const values = stretches.map(({ length, unknowns }) => {
    const of = (part: string): number => ((unknowns.get(`${unknown}:${part}`) ?? 0) * share * sampling) / FIVE_MINUTES;
    const times = length / sampling;
    const step: Buckets = { fast: of("fast"), slow: of("slow") };
    const first = { fast: now.fast + step.fast, slow: now.slow + step.slow };
    now = { fast: now.fast + step.fast * times, slow: now.slow + step.slow * times };
    return `${print(first)}+${print(step)}x${times - 1}`;
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
