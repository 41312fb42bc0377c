/** A source of numbers that is the same for the same seed. */
export interface Random {
  /** At least 0 and less than 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** A number between the two, rounded to the given number of digits. */
  between(least: number, most: number, digits?: number): number;
  /** As many lower-case hex digits. */
  hex(digits: number): string;
  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** Makes a source of numbers (a Weyl sequence, mixed by the finaliser of MurmurHash3). */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    between: (least, most, digits = 4) => Number((least + next() * (most - least)).toFixed(digits)),
    hex: (digits) => Array.from({ length: digits }, () => whole(0, 15).toString(16)).join(""),
    shuffled: (items) => {
      const order = [...items];
      for (let last = order.length - 1; last > 0; last -= 1) {
        const other = whole(0, last);
        [order[last], order[other]] = [order[other] as (typeof order)[number], order[last] as (typeof order)[number]];
      }
      return order;
    },
  };
}
