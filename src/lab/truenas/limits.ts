import { FailedCall } from "./failure.ts";

/** Calls of one method from one address within {@link WINDOW_MS}. */
const CALLS = 20;
const WINDOW_MS = 60_000;

/**
 * The limit on calls that need no login: so many of each method from each address within a minute that begins with the
 * first of them. The real server waits a random 1 to 10 s before it refuses one; the lab does not.
 * Source: https://github.com/truenas/middleware, src/middlewared/middlewared/utils/rate_limit/cache.py
 */
export class BareCallLimit {
  readonly #windows = new Map<string, { calls: number; since: number }>();
  /** Milliseconds since 1970. */
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts a call; true when it is one too many. Refused calls count as well. */
  exceededBy(method: string, address: string): boolean {
    const key = `${method}_##_${address}`;
    const now = this.#clock();
    const known = this.#windows.get(key);
    const window = known === undefined || now - known.since >= WINDOW_MS ? { calls: 0, since: now } : known;
    window.calls += 1;
    this.#windows.set(key, window);
    return window.calls > CALLS;
  }

  clear(): void {
    this.#windows.clear();
  }
}

/** Calls of one socket that run at once, and those that run or wait. */
const RUNNING = 10;
const UNDER_WAY = 20;

/** The places for the calls of one socket: 10 run, the next wait, and above 20 they are refused. */
export class CallPlaces {
  #underWay = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  get underWay(): number {
    return this.#underWay;
  }

  /** Runs the work when there is a place. Throws {@link FailedCall} `too_many` at once when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= UNDER_WAY) throw new FailedCall({ kind: "too_many", limit: UNDER_WAY });
    this.#underWay += 1;
    try {
      await this.#place();
      return await work();
    } finally {
      this.#underWay -= 1;
      this.#free();
    }
  }

  async #place(): Promise<void> {
    if (this.#running < RUNNING) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
