/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Random {
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** True so often, from 0 to 1. */
  chance(share: number): boolean;
  /** Throws for an empty list. */
  one<T>(of: readonly T[]): T;
}

/** Makes a generator; mulberry32. Source: https://github.com/cprosche/mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    between: (from, to) => from + next() * (to - from),
    whole,
    chance: (share) => next() < share,
    one: (of) => {
      const found = of[whole(0, of.length - 1)];
      if (found === undefined) throw new RangeError("nothing to choose from");
      return found;
    },
  };
}
