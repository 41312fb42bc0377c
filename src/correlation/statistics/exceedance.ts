import { quantile } from "./quantile.ts";

/** From where on it makes no difference how far a value lies outside: so many widths of the band. */
const CAP = 2;

/** Values where nothing is known to be wrong, and how wide they lie. */
export interface Band {
  readonly low: number;
  readonly high: number;
  /** What distances are measured by; never zero. */
  readonly scale: number;
}

/**
 * The band in which 99 of 100 values lie (0.5 to 99.5 %). Of values that never change the scale is a hundredth of them,
 * so that any true step counts, and the noise of floating point does not.
 */
export function bandOf(sorted: ArrayLike<number>): Band {
  const [low, high] = [quantile(sorted, 0.005), quantile(sorted, 0.995)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  return { low, high, scale: Math.max(high - low, size / 100, Number.MIN_VALUE * 1e10) };
}

/** How much of the values lies above and below the band: mean distance beyond it, each capped; both from 0 to 1. */
export function exceedance(
  values: ArrayLike<number>,
  { low, high, scale }: Band,
): { readonly above: number; readonly below: number } {
  if (values.length === 0) return { above: 0, below: 0 };
  let [above, below] = [0, 0];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (value > high) above += Math.min(CAP, (value - high) / scale);
    else if (value < low) below += Math.min(CAP, (low - value) / scale);
  }
  return { above: above / values.length / CAP, below: below / values.length / CAP };
}
