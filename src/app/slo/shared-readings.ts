import type { Duration } from "../../core/duration.ts";

/** A value and when reading it began, Unix milliseconds. */
interface Reading<T> {
  readonly at: number;
  readonly value: Promise<T>;
}

/** Readings by key, so that those who ask for the same thing in a short time share one. */
export class SharedReadings<T> {
  readonly #kept: Duration;
  readonly #now: () => number;
  readonly #readings = new Map<string, Reading<T>>();

  /**
   * A reading serves for `kept` from its beginning; one that failed only those who waited for it. `now` in
   * milliseconds.
   */
  constructor(kept: Duration, now: () => number = () => Date.now()) {
    this.#kept = kept;
    this.#now = now;
  }

  /** The value that is known or on its way, else what `read` gives. Rejects as `read` does. */
  get(key: string, read: () => Promise<T>): Reading<T> {
    const at = this.#now();
    for (const [of, known] of this.#readings) if (at - known.at > this.#kept) this.#readings.delete(of);
    const known = this.#readings.get(key);
    if (known !== undefined) return known;
    const reading = { at, value: read() };
    this.#readings.set(key, reading);
    reading.value.catch(() => {
      if (this.#readings.get(key) === reading) this.#readings.delete(key);
    });
    return reading;
  }
}
