import type { RateLimit } from "./web-config.ts";

/** A token bucket, full at first; it starts anew when its limit is another. */
export class RateLimiter {
  readonly #now: () => number;
  #limit: RateLimit | undefined;
  #tokens = 0;
  #filledAt = 0;

  /** `now` gives milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes a token: 0 when the request may pass, else the milliseconds until the next one may. */
  take(limit: RateLimit | undefined): number {
    if (limit === undefined) return 0;
    this.#fill(limit);
    if (this.#tokens < 1) return (1 - this.#tokens) * limit.interval;
    this.#tokens--;
    return 0;
  }

  #fill(limit: RateLimit): void {
    const now = this.#now();
    const isSame = this.#limit?.interval === limit.interval && this.#limit.burst === limit.burst;
    const gained = (now - this.#filledAt) / limit.interval;
    this.#tokens = isSame ? Math.min(limit.burst, this.#tokens + gained) : limit.burst;
    this.#filledAt = now;
    this.#limit = limit;
  }
}
