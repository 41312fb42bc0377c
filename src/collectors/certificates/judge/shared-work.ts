/** Work that several wait for: it is given up when nobody waits any more, and each one may stop waiting for itself. */
export class SharedWork<T> {
  readonly #result: Promise<T>;
  readonly #abandoned = new AbortController();
  #waiting = 0;

  /** Begins the work at once. */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#abandoned.signal);
    // Whoever waits gets the error; when nobody does it is nobody's.
    this.#result.catch(() => undefined);
  }

  /** Whether nobody waits any more, so that there may be no result. */
  get abandoned(): boolean {
    return this.#abandoned.signal.aborted;
  }

  /** The result; rejects with the signal's reason when that is aborted first. */
  async wait(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    this.#waiting++;
    try {
      return await Promise.race([this.#result, stopped]);
    } finally {
      signal.removeEventListener("abort", stop);
      if (--this.#waiting === 0) this.#abandoned.abort(new DOMException("nobody waits any more", "AbortError"));
    }
  }
}
