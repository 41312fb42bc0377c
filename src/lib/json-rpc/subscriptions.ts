import type { RpcEvent } from "./contract.ts";

interface Subscriber {
  listener(event: RpcEvent): void;
  onGap(): void;
}

/** Who wants to hear of which events. */
export class Subscriptions {
  readonly #byName = new Map<string, Set<Subscriber>>();

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Returns what ends it. */
  add(name: string, subscriber: Subscriber): () => void {
    const subscribers = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, subscribers.add(subscriber));
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#byName.get(name) === subscribers) this.#byName.delete(name);
    };
  }

  /** An event that its listener can not use is one that it missed. */
  tell(event: RpcEvent): void {
    for (const { listener, onGap } of this.#byName.get(event.name) ?? []) {
      try {
        listener(event);
      } catch {
        onGap();
      }
    }
  }

  /** Events of this name, or of every name, may have been missed. */
  gap(name?: string): void {
    const names = name === undefined ? this.names : [name];
    for (const each of names) for (const { onGap } of this.#byName.get(each) ?? []) onGap();
  }
}
