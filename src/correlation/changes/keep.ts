import type { Change } from "../../core/telemetry.ts";

/**
 * As many changes as are worth telling, in the order of time: those that name one of `names` in a label first, of both
 * kinds the newest, since they are nearest to what they may explain.
 */
export function keepNearest(
  changes: readonly Change[],
  most: number,
  names: ReadonlySet<string> = new Set(),
): readonly Change[] {
  if (changes.length <= most) return changes.toSorted(byTime);
  const isNamed = ({ labels }: Change): boolean => Object.values(labels).some((value) => names.has(value));
  return changes
    .toSorted((a, b) => Number(isNamed(b)) - Number(isNamed(a)) || byTime(b, a))
    .slice(0, most)
    .toSorted(byTime);
}

const byTime = (a: Change, b: Change): number => a.at - b.at;
