/** So many among so many. */
export interface Share {
  readonly count: number;
  readonly of: number;
}

/**
 * Log-likelihood ratio of two shares being one (G², two by two): 0 when they are equal, and distributed as chi-square
 * with one degree of freedom when only chance sets them apart. Dunning, "Accurate Methods for the Statistics of
 * Surprise and Coincidence" (1993). 0 where one of them is of nothing. Counts above their total are taken for the
 * total.
 */
export function g2(first: Share, second: Share): number {
  if (!(first.of > 0) || !(second.of > 0)) return 0;
  const [a, b] = [Math.min(first.count, first.of), Math.min(second.count, second.of)];
  const share = (a + b) / (first.of + second.of);
  const sum =
    part(a, first.of * share) +
    part(first.of - a, first.of * (1 - share)) +
    part(b, second.of * share) +
    part(second.of - b, second.of * (1 - share));
  return Math.max(0, 2 * sum);
}

const part = (seen: number, expected: number): number => (seen > 0 ? seen * Math.log(seen / expected) : 0);

/** So many over so long. */
export interface Rate {
  readonly count: number;
  readonly over: number;
}

/** The same of two rates being one: events of which only the number is known, not among how many. */
export function rateG2(first: Rate, second: Rate): number {
  if (!(first.over > 0) || !(second.over > 0)) return 0;
  const rate = (first.count + second.count) / (first.over + second.over);
  return Math.max(0, 2 * (part(first.count, rate * first.over) + part(second.count, rate * second.over)));
}
