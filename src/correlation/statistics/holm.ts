/**
 * Chances after Holm's correction for how many were looked at, in the same order: when nothing happened, the chance
 * that any of them is below a limit is at most that limit, also when they depend on each other. Holm, "A Simple
 * Sequentially Rejective Multiple Test Procedure" (1979).
 */
export function holm(chances: readonly number[]): number[] {
  const order = chances.map((_, at) => at).toSorted((a, b) => (chances[a] ?? 1) - (chances[b] ?? 1));
  const corrected = Array.from<number>({ length: chances.length });
  let most = 0;
  for (const [rank, at] of order.entries()) {
    most = Math.max(most, Math.min(1, (chances[at] ?? 1) * (chances.length - rank)));
    corrected[at] = most;
  }
  return corrected;
}
