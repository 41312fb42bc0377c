import type { z } from "zod";
import type { Duration } from "../../../core/duration.ts";
import { untilAborted } from "../../../lib/http/deadline.ts";
import type { RpcClient } from "../../../lib/json-rpc/contract.ts";
import type { TrueNasCall } from "../client.ts";

interface Entry {
  /** Counts up with each hint that the result is another now. */
  changes: number;
  read: { readonly result: unknown; readonly changes: number; readonly at: number } | undefined;
  loading: Promise<unknown> | undefined;
  /** One result may be read by several shapes. */
  readonly parsed: WeakMap<z.ZodType, unknown>;
}

/** Asks for a result; the signal is the asker's own concern. */
type Load = (call: Omit<TrueNasCall<unknown>, "shape" | "signal">) => Promise<unknown>;

/**
 * Results that are kept until the server tells of a change, until events may have been missed, or until they are old.
 * Who asks while a result is on its way waits for the same one.
 */
export class WatchedResults {
  readonly #rpc: Pick<RpcClient, "subscribe">;
  readonly #load: Load;
  readonly #entries = new Map<string, Entry>();
  /** By event. */
  readonly #watching = new Map<string, Entry[]>();

  constructor(rpc: Pick<RpcClient, "subscribe">, load: Load) {
    this.#rpc = rpc;
    this.#load = load;
  }

  /** The result as it is now; `parse` reads it by the call's shape. */
  async get<T>(
    call: TrueNasCall<T>,
    { event, resync, parse }: { event: string; resync: Duration; parse: (result: unknown) => T },
  ): Promise<T> {
    const entry = this.#entry(call, event);
    const { read } = entry;
    const isCurrent = read !== undefined && read.changes === entry.changes && isYoung(read.at, resync);
    const result = isCurrent ? read.result : await untilAborted(this.#fresh(entry, call), call.signal);
    return parsedOnce(entry, call.shape, result, parse);
  }

  #entry({ method, params = [] }: TrueNasCall<unknown>, event: string): Entry {
    const key = JSON.stringify([event, method, params]);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { changes: 0, read: undefined, loading: undefined, parsed: new WeakMap() };
    this.#entries.set(key, entry);
    this.#watch(event).push(entry);
    return entry;
  }

  #watch(event: string): Entry[] {
    const known = this.#watching.get(event);
    if (known !== undefined) return known;
    const entries: Entry[] = [];
    this.#watching.set(event, entries);
    const changed = (): void => entries.forEach((entry) => (entry.changes += 1));
    this.#rpc.subscribe(event, changed, changed);
    return entries;
  }

  /** Its own deadline ends it, and no asker's, since others wait for it too. */
  #fresh(entry: Entry, { method, params, timeout }: TrueNasCall<unknown>): Promise<unknown> {
    entry.loading ??= this.#read(entry, {
      method,
      ...(params !== undefined && { params }),
      ...(timeout !== undefined && { timeout }),
    }).finally(() => (entry.loading = undefined));
    return entry.loading;
  }

  async #read(entry: Entry, call: Parameters<Load>[0]): Promise<unknown> {
    const { changes } = entry;
    const at = Date.now();
    const result = await this.#load(call);
    entry.read = { result, changes, at };
    return result;
  }
}

/** By the clock on the wall, since the other one stands still while the machine sleeps; set back, it tells no age. */
function isYoung(at: number, resync: Duration): boolean {
  const age = Date.now() - at;
  return age >= 0 && age < resync;
}

function parsedOnce<T>(entry: Entry, shape: z.ZodType<T>, result: unknown, parse: (result: unknown) => T): T {
  const known = entry.parsed.get(shape) as { readonly of: unknown; readonly value: T } | undefined;
  if (known !== undefined && known.of === result) return known.value;
  const value = parse(result);
  entry.parsed.set(shape, { of: result, value });
  return value;
}
