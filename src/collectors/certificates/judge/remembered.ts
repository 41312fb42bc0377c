/** A map that forgets what was longest not asked for when it is full. */
export class Remembered<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;

  /** Holds at most `limit` entries. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The value; `undefined` when it is not (or not any more) there. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Remembers a value and gives it back. */
  set(key: string, value: V): V {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) this.#forgetOldest();
    return value;
  }

  /** The value, which is made when it is not there. */
  ensure(key: string, make: () => V): V {
    return this.get(key) ?? this.set(key, make());
  }

  #forgetOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
