import type { Share } from "./g2.ts";

/** Of a two-sided interval of 95 %. */
const Z = 1.959964;

/**
 * Between which bounds a share lies, seen so few: Wilson's score interval of 95 %, which also holds for few and for
 * none. Wilson, "Probable Inference" (1927). From 0 to 1 where nothing was seen.
 */
export function wilsonBounds({ count, of }: Share): { readonly low: number; readonly high: number } {
  if (!(of > 0)) return { low: 0, high: 1 };
  const share = Math.min(1, count / of);
  const squared = (Z * Z) / of;
  const middle = (share + squared / 2) / (1 + squared);
  const half = (Z / (1 + squared)) * Math.sqrt((share * (1 - share)) / of + squared / (4 * of));
  // the bounds of none and of all are exact, which rounding would miss
  return { low: count <= 0 ? 0 : Math.max(0, middle - half), high: share === 1 ? 1 : Math.min(1, middle + half) };
}

/** How far the first share lies above the second at least: lower bound less upper bound, 0 where they overlap. */
export const wilsonGap = (first: Share, second: Share): number =>
  Math.max(0, wilsonBounds(first).low - wilsonBounds(second).high);
