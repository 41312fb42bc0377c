/**
 * What was last known of things that Proxmox VE forgets for a while: it takes the name off a guest whose node is
 * silent, and a series must not become another one for that.
 */
export class LastKnown {
  #known = new Map<string, string>();
  #next = new Map<string, string>();

  /** The text of a thing's property, or the last one that was known; empty when there was none. */
  recall(id: string, property: string, text: string | undefined): string {
    const key = JSON.stringify([id, property]);
    const known = text ?? this.#known.get(key);
    if (known !== undefined) this.#next.set(key, known);
    return known ?? "";
  }

  /** Forgets what was not asked for since the last time: it is gone, and its id may come back as another thing. */
  sweep(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }
}
