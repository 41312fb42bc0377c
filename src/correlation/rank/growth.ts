import type { BundleQuestion } from "../../core/evidence.ts";
import type { LogReading, LogSample, TimeWindow } from "../../core/telemetry.ts";
import { dispersion } from "../statistics/dispersion.ts";
import { g2, rateG2 } from "../statistics/g2.ts";
import type { Pattern } from "./mine.ts";

/** How much was read of a time: lines, and for how many milliseconds of all lines those that were read stand. */
export interface Exposure {
  readonly lines: number;
  readonly ms: number;
  /** For how many lines one that was read stands; 1 when all were read. */
  readonly weight: number;
  /** How many lines there are; at least so many when `isExact` is false. */
  readonly of: number;
  readonly isExact: boolean;
}

/** How much was read of both times. */
export interface Exposures {
  readonly window: Exposure;
  readonly baseline: Exposure;
}

/** How much a reading holds of both times. */
export const exposuresOf = (
  reading: Pick<LogReading, "window" | "baseline">,
  { window, baseline }: BundleQuestion,
): Exposures => ({
  window: exposureOf(reading.window, window),
  baseline: exposureOf(reading.baseline, baseline),
});

/** Whether what is not among the lines that were read was not there at all. */
export const isAll = ({ lines, of, isExact }: Exposure): boolean => isExact && lines >= of;

function exposureOf({ total, lines, isExact }: LogSample, { from, to }: TimeWindow): Exposure {
  const weight = Math.max(1, lines.length === 0 ? 1 : total / lines.length);
  return { lines: lines.length, ms: Math.max(1, to - from) / weight, weight, of: total, isExact };
}

/** How much more there is of a pattern than before. */
export interface Growth {
  /** G² of what grew least, of share and rate; divided by how much the lines come in bursts. */
  readonly value: number;
  /** How many times as often as before, of share and rate the lesser. */
  readonly growth: number;
  /** The same, as far as it is sure: of few lines of which more were not read, their upper bound is taken. */
  readonly least: number;
}

/** With fewer other lines than this share of all, the share of a pattern is the same whatever happens. */
const LEAST_OTHERS = 0.05;
/** Of a sample, fewer lines than these give no multiple. */
const FEW = 10;
/** Of a two-sided interval of 95 %. */
const Z = 1.96;

/** At most so many are to be expected where so many came (the upper bound of a score interval of a Poisson mean). */
export const mostOf = (count: number): number => count + (Z * Z) / 2 + Z * Math.sqrt(count + (Z * Z) / 4);

/**
 * Compares a pattern's lines of both times. `isFailure`: more of it is no mere traffic, so that its rate counts alone
 * where the log has nothing else to compare it with.
 */
export function growthOf(
  pattern: Pick<Pattern, "window" | "baseline" | "windowSlices" | "baselineSlices">,
  { window, baseline }: Exposures,
  isFailure = false,
): Growth {
  const [now, before] = [pattern.window, pattern.baseline];
  const share = g2({ count: now, of: window.lines }, { count: before, of: baseline.lines });
  const rate = rateG2({ count: now, over: window.ms }, { count: before, over: baseline.ms });
  const isAlone = [[now, window.lines] as const, [before, baseline.lines] as const].every(
    ([count, of]) => of - count <= LEAST_OTHERS * of,
  );
  const byRate = isFailure && isAlone;
  const ofRate = baseline.ms / window.ms;
  const per = byRate ? ofRate : Math.min((baseline.lines + 1) / (window.lines + 1), ofRate);
  const isSure = before >= FEW || isAll(baseline);
  // a fault that begins within the window is no burst: what it does is looked at from its beginning on
  const first = pattern.windowSlices.findIndex((count) => count > 0);
  const bursts = dispersion([pattern.baselineSlices, first < 0 ? [] : pattern.windowSlices.slice(first)]);
  return {
    value: (byRate ? rate : Math.min(share, rate)) / bursts,
    growth: ((now + 0.5) / (before + 0.5)) * per,
    least: ((now + 0.5) / (isSure ? before + 0.5 : mostOf(before))) * per,
  };
}
