/**
 * The first so many of the items in the order of `compare`, without sorting the others: a group of 20,000 alerts shows
 * 50. Items that compare as equal keep their order.
 */
export function best<T>(items: Iterable<T>, most: number, compare: (a: T, b: T) => number): readonly T[] {
  const kept: T[] = [];
  for (const item of items) {
    const last = kept.at(-1);
    if (kept.length >= most && (last === undefined || compare(item, last) >= 0)) continue;
    kept.splice(placeOf(kept, item, compare), 0, item);
    if (kept.length > most) kept.pop();
  }
  return kept;
}

function placeOf<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as T, item) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
