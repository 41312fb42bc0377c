import { bandOf, exceedance, type Band } from "./exceedance.ts";
import { ksDistance } from "./kolmogorov-smirnov.ts";
import { quantile, sortedValues } from "./quantile.ts";
import { lineFit } from "./trend.ts";

type Points = readonly (readonly [at: number, value: number])[];

/** Of fewer points nothing is said. */
const LEAST_OF_WINDOW = 5;
const LEAST_BEFORE = 20;
/** From here on the time before is a line, and its pace is compared in place of its height. */
const IS_LINE = 0.9;
/** With fewer other times as long as the window, what is usual is less known. */
const ENOUGH_BLOCKS = 6;

/** A series, and when it is known to be usual. */
export interface ScoredSeries {
  readonly window: Points;
  readonly before: Points;
  readonly yesterday: Points;
  readonly lastWeek: Points;
}

/** How far a series left what is usual. */
export interface SeriesScore {
  /** Tail exceedance times the least Kolmogorov-Smirnov distance from any of the usual times; from 0 to 1. */
  readonly value: number;
  readonly direction: "above" | "below";
  /**
   * How far the window's mean lies outside the means of other times as long as it, in the breadth of those means: what
   * wanders by itself gives little, however far it wanders.
   */
  readonly excursion: number;
  /** The median of the window's values that are unusual; of all of them when none is. */
  readonly now: number;
  /** The median before. */
  readonly usual: number;
}

/** Scores a series against all usual times that are known; undefined of too few points. */
export function scoreSeries(series: ScoredSeries): SeriesScore | undefined {
  if (series.window.length < LEAST_OF_WINDOW || series.before.length < LEAST_BEFORE) return undefined;
  const { window, references } = levelled(series);
  const values = sortedValues(window);
  const band = bandOf(sortedValues(references.flat()));
  const { above, below } = exceedance(values, band);
  const distance = Math.min(...references.map((reference) => ksDistance(values, sortedValues(reference))));
  const direction = above >= below ? "above" : "below";
  // the last points: between two of them there is one pace
  const heights = heightsOf(series.window).slice(-window.length);
  const unusual = heights.filter((_, at) => isOutside(window[at] ?? 0, band, direction));
  return {
    value: Math.max(above, below) * distance,
    direction,
    excursion: excursionOf(window, references),
    now: median(unusual.length > 0 ? unusual : heights),
    usual: median(heightsOf(series.before)),
  };
}

const isOutside = (value: number, { low, high }: Band, direction: "above" | "below"): boolean =>
  direction === "above" ? value > high : value < low;

const median = (values: readonly number[]): number => quantile(sortedValues(values), 0.5);

/**
 * Values of window and usual times; where the time before is a line, such as a disk that fills evenly, how they move from one
 * point to the next: any line leads out of its past, and only another pace is news.
 */
function levelled({ window, before, yesterday, lastWeek }: ScoredSeries): {
  readonly window: number[];
  readonly references: number[][];
} {
  const earlier = [yesterday, lastWeek].filter((points) => points.length >= LEAST_OF_WINDOW);
  const valuesOf = lineFit(before) >= IS_LINE ? pacesOf : heightsOf;
  return { window: valuesOf(window), references: [before, ...earlier].map(valuesOf) };
}

const heightsOf = (points: Points): number[] => points.map(([, value]) => value);

const pacesOf = (points: Points): number[] =>
  points.slice(1).map(([at, value], index) => {
    const [previousAt, previous] = points[index] ?? [0, 0];
    return (value - previous) / Math.max(1, at - previousAt);
  });

function excursionOf(window: readonly number[], references: readonly (readonly number[])[]): number {
  const blocks = references.flatMap((reference) => blocksOf(reference, window.length));
  const means = blocks.map(mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const now = mean(window);
  const outside = Math.max(low - now, now - high, 0);
  const noise = Math.sqrt(mean(blocks.map(variance)) / window.length);
  const breadth = high - low + noise;
  if (!(outside > 0)) return 0;
  const known = Math.min(1, blocks.length / ENOUGH_BLOCKS);
  // of values near the end of what a number holds, sums overflow, and nothing can be said
  return breadth > 0 ? known * (outside / breadth) || 0 : Number.POSITIVE_INFINITY;
}

/** Pieces at least as long as the window; all of what is shorter than two of them is one. */
function blocksOf(values: readonly number[], length: number): number[][] {
  const count = Math.max(1, Math.floor(values.length / length));
  const size = values.length / count;
  return Array.from({ length: count }, (_, at) => values.slice(Math.floor(at * size), Math.floor((at + 1) * size)));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length;
}
