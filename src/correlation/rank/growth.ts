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
}

/** How much was read of both times. */
export interface Exposures {
  readonly window: Exposure;
  readonly baseline: Exposure;
}

/** How much a reading holds of both times. */
export const exposuresOf = (reading: LogReading, { window, baseline }: BundleQuestion): Exposures => ({
  window: exposureOf(reading.window, window),
  baseline: exposureOf(reading.baseline, baseline),
});

function exposureOf({ total, lines }: LogSample, { from, to }: TimeWindow): Exposure {
  const weight = Math.max(1, lines.length === 0 ? 1 : total / lines.length);
  return { lines: lines.length, ms: Math.max(1, to - from) / weight, weight };
}

/** How much more there is of a pattern than before. */
export interface Growth {
  /** G² of what grew least, of share and rate; divided by how much the lines come in bursts. */
  readonly value: number;
  /** How many times as often as before, of share and rate the lesser. */
  readonly growth: number;
}

/** Compares a pattern's lines of both times. */
export function growthOf(
  pattern: Pick<Pattern, "window" | "baseline" | "windowSlices" | "baselineSlices">,
  { window, baseline }: Exposures,
): Growth {
  const [now, before] = [pattern.window, pattern.baseline];
  const share = g2({ count: now, of: window.lines }, { count: before, of: baseline.lines });
  const rate = rateG2({ count: now, over: window.ms }, { count: before, over: baseline.ms });
  const lift = (now + 0.5) / (before + 0.5);
  const growth = lift * Math.min((baseline.lines + 1) / (window.lines + 1), baseline.ms / window.ms);
  // a fault that begins within the window is no burst: what it does is looked at from its beginning on
  const first = pattern.windowSlices.findIndex((count) => count > 0);
  const bursts = dispersion([pattern.baselineSlices, first < 0 ? [] : pattern.windowSlices.slice(first)]);
  return { value: Math.min(share, rate) / bursts, growth };
}
