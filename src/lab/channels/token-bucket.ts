/** A limit as most services have it: so many at once, and one more every so many milliseconds. */
export interface Limit {
  readonly burst: number;
  readonly everyMs: number;
}

/** Counts against a {@link Limit}; one for each visitor or chat. */
export class TokenBucket {
  readonly #limit: Limit;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** `now` gives milliseconds of any clock that does not jump. */
  constructor(limit: Limit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
    this.#tokens = limit.burst;
    this.#at = now();
  }

  /** Takes one: 0 when there was one, else the whole seconds until there will be. */
  take(): number {
    const now = this.#now();
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + (now - this.#at) / this.#limit.everyMs);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * this.#limit.everyMs) / 1000);
    this.#tokens -= 1;
    return 0;
  }
}
