/** Keeps values by a key as long as somebody else holds them, so that equal ones are one object. */
export class Shared<T extends object> {
  readonly #values = new Map<string, WeakRef<T>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    // A new value may have come under the key before this one was cleared away.
    if (this.#values.get(key)?.deref() === undefined) this.#values.delete(key);
  });

  /** The value of the key; undefined when nobody holds it any more. */
  known(key: string): T | undefined {
    return this.#values.get(key)?.deref();
  }

  /** The value of the key, made when nobody holds it any more. What `make` throws is not kept. */
  get(key: string, make: () => T): T {
    const known = this.known(key);
    if (known !== undefined) return known;
    const made = make();
    this.#values.set(key, new WeakRef(made));
    this.#gone.register(made, key);
    return made;
  }
}
