/** What was suspected in every round up to the last one, and since when on the monotonic clock. */
export class Suspicions {
  #former: ReadonlyMap<string, number> = new Map();
  #current = new Map<string, number>();

  /**
   * For how many milliseconds it has been suspected without a round in between; undefined when not in the last round.
   */
  heldFor(suspicion: string): number | undefined {
    const since = this.#former.get(suspicion);
    return since === undefined ? undefined : performance.now() - since;
  }

  /** Notes what is suspected in this round. */
  note(suspicions: readonly string[]): void {
    const now = performance.now();
    for (const suspicion of suspicions) this.#current.set(suspicion, this.#former.get(suspicion) ?? now);
  }

  /** Ends a round: what was not noted in it is forgotten. */
  nextRound(): void {
    this.#former = this.#current;
    this.#current = new Map();
  }

  /** Forgets everything, because a round failed. */
  forget(): void {
    this.#former = new Map();
    this.#current = new Map();
  }
}
