import type { TenantStore, Window } from "./store.ts";
import { StoredTrace } from "./trace.ts";

/** What a request sees: the traces of its tenants, those with the same id as one. */
export class StoreView {
  readonly #stores: readonly TenantStore[];

  constructor(stores: readonly TenantStore[]) {
    this.#stores = stores;
  }

  find(id: string): StoredTrace | undefined {
    return joined(this.#stores.map((store) => store.find(id)).filter((trace) => trace !== undefined));
  }

  /** Traces that the window reaches, the newest first. */
  within(window: Window): readonly StoredTrace[] {
    const byId = new Map<string, StoredTrace[]>();
    for (const store of this.#stores)
      for (const trace of store.within(window)) byId.set(trace.id, [...(byId.get(trace.id) ?? []), trace]);
    return [...byId.values()]
      .map(joined)
      .filter((trace) => trace !== undefined)
      .map((trace) => ({ trace, startNs: trace.startNs }))
      .toSorted((a, b) => (a.startNs < b.startNs ? 1 : -1))
      .map(({ trace }) => trace);
  }

  /** The end of a window, before the blind spot. */
  clipEnd(to: number): number {
    return this.#stores[0]?.clipEnd(to) ?? to;
  }

  isLate(trace: StoredTrace, startsAt: number): boolean {
    return this.#stores[0]?.isLate(trace, startsAt) ?? false;
  }
}

function joined(traces: readonly StoredTrace[]): StoredTrace | undefined {
  const [first, ...others] = traces;
  if (first === undefined || others.length === 0) return first;
  const whole = new StoredTrace(first.id);
  for (const trace of traces) for (const span of trace.spans) whole.add(span);
  return whole;
}
