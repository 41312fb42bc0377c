/**
 * Largest distance of the two samples' distributions (Kolmogorov and Smirnov): 0 for the same, 1 when all of one lie
 * below all of the other. Both sorted; 0 when one is empty.
 */
export function ksDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length === 0 || second.length === 0) return 0;
  let [a, b, largest] = [0, 0, 0];
  while (a < first.length && b < second.length) {
    const value = Math.min(first[a] ?? 0, second[b] ?? 0);
    while (a < first.length && (first[a] ?? 0) <= value) a += 1;
    while (b < second.length && (second[b] ?? 0) <= value) b += 1;
    largest = Math.max(largest, Math.abs(a / first.length - b / second.length));
  }
  return largest;
}
