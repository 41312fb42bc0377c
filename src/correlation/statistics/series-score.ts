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
/** Of a window's parts the worst is looked at too: so many make the window. */
const PARTS = 3;
/** From the first part to the last. */
const MOST_STEPS = 8;
/** With fewer other times as long as the window, what is usual is less known. */
const ENOUGH_BLOCKS = 6;

/** A series, and when it is known to be usual. */
export interface ScoredSeries {
  readonly window: Points;
  readonly before: Points;
  readonly yesterday: Points;
  readonly lastWeek: Points;
}

/** How far values left what is usual. */
export interface Comparison {
  /** Tail exceedance times the least Kolmogorov-Smirnov distance from any of the usual times; from 0 to 1. */
  readonly value: number;
  readonly direction: "above" | "below";
  /**
   * How far the window's mean lies outside the means of other times as long as it, in the breadth of those means: what
   * wanders by itself gives little, however far it wanders.
   */
  readonly excursion: number;
}

/** How far a series left what is usual. */
export interface SeriesScore extends Comparison {
  /**
   * The third of the window that is farthest from it, in the same direction: a fault may fill but a part of a long
   * window.
   */
  readonly worst?: Comparison;
  /** The median of the window's values that are unusual; of all of them when none is. */
  readonly now: number;
  /** The median before. */
  readonly usual: number;
}

/** Whether a series has enough points now, and too few before. */
export const isUnjudged = (window: Points, before: Points): boolean =>
  window.length >= LEAST_OF_WINDOW && before.length < LEAST_BEFORE;

/** Scores a series against all usual times that are known; undefined of too few points. */
export function scoreSeries(series: ScoredSeries): SeriesScore | undefined {
  if (series.window.length < LEAST_OF_WINDOW || series.before.length < LEAST_BEFORE) return undefined;
  const { window, references } = levelled(series);
  const usual = { references, sorted: references.map(sortedValues), band: bandOf(sortedValues(references.flat())) };
  const whole = compare(window, usual);
  const part = worstPart(window, usual.band);
  const worst = part && compare(part, usual);
  const { direction } = whole;
  // the last points: between two of them there is one pace
  const heights = heightsOf(series.window).slice(-window.length);
  const unusual = heights.filter((_, at) => isOutside(window[at] ?? 0, usual.band, direction));
  return {
    ...whole,
    ...(worst?.direction === direction && { worst }),
    now: median(unusual.length > 0 ? unusual : heights),
    usual: median(heightsOf(series.before)),
  };
}

/** Times that are known to be usual. */
interface Usual {
  readonly references: readonly (readonly number[])[];
  readonly sorted: readonly Float64Array[];
  readonly band: Band;
}

function compare(window: readonly number[], { references, sorted, band }: Usual): Comparison {
  const values = sortedValues(window);
  const { above, below } = exceedance(values, band);
  const most = Math.max(above, below);
  return {
    // where nothing lies outside, distance and excursion make no difference
    value: most === 0 ? 0 : most * Math.min(...sorted.map((reference) => ksDistance(values, reference))),
    direction: above >= below ? "above" : "below",
    excursion: excursionOf(window, references),
  };
}

/** The third of the window that lies farthest outside; undefined of a window of few points. */
function worstPart(window: readonly number[], band: Band): readonly number[] | undefined {
  const length = Math.floor(window.length / PARTS);
  if (length < LEAST_OF_WINDOW) return undefined;
  const last = window.length - length;
  const steps = Math.min(last, MOST_STEPS);
  const starts = Array.from({ length: steps + 1 }, (_, at) => Math.round((at * last) / steps));
  const parts = starts.map((start) => window.slice(start, start + length));
  const outside = parts.map((part) => {
    const { above, below } = exceedance(part, band);
    return Math.max(above, below);
  });
  return parts[outside.indexOf(Math.max(...outside))];
}

const isOutside = (value: number, { low, high }: Band, direction: "above" | "below"): boolean =>
  direction === "above" ? value > high : value < low;

const median = (values: readonly number[]): number => quantile(sortedValues(values), 0.5);

/**
 * Values of window and usual times; where the time before is a line, such as a disk that fills evenly, how they move
 * from one point to the next: any line leads out of its past, and only another pace is news.
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
  const blocks = usualBlocks(references, window.length);
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

/**
 * Of a thing that is younger than two windows the halves are taken: one piece does not tell how far pieces lie apart.
 */
function usualBlocks(references: readonly (readonly number[])[], length: number): number[][] {
  const blocks = references.flatMap((reference) => blocksOf(reference, length));
  const [only] = blocks;
  return blocks.length === 1 && only !== undefined ? blocksOf(only, Math.floor(only.length / 2)) : blocks;
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
