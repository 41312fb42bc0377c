import { allShardsFailed, illegal, ShardError, type ElasticError } from "./errors.ts";
import type { Snapshot } from "./lab-index.ts";
import type { SortedRow } from "./sort.ts";

interface Pit {
  readonly number: number;
  readonly snapshots: readonly Snapshot[];
  /** Orders that were found before, since a walk asks for the same one again and again. */
  readonly orders: Map<string, readonly SortedRow[]>;
  generation: number;
  expiresAt: number;
}

/** A point in time that a search reads. */
export type OpenPit = Pick<Pit, "snapshots" | "orders">;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The points in time that are open. Each answer gives a new id; a strict server takes only the newest one. */
export class Pits {
  readonly #now: () => number;
  readonly #isStrict: boolean;
  readonly #open = new Map<number, Pit>();
  #made = 0;

  constructor(now: () => number, isStrict: boolean) {
    this.#now = now;
    this.#isStrict = isStrict;
  }

  /** How many are open: what clients forgot to close. */
  get size(): number {
    for (const [number, { expiresAt }] of this.#open) if (expiresAt <= this.#now()) this.#open.delete(number);
    return this.#open.size;
  }

  open(snapshots: readonly Snapshot[], keepAlive: string): string {
    const number = (this.#made += 1);
    const pit = { number, snapshots, orders: new Map(), generation: 0, expiresAt: this.#now() + durationOf(keepAlive) };
    this.#open.set(number, pit);
    return idOf(pit);
  }

  /** The one that an id names, and its next id. */
  use(id: string, keepAlive: string | undefined): readonly [pit: OpenPit, next: string] {
    const pit = this.#find(id);
    const isOld = pit === undefined || pit.expiresAt <= this.#now() || (this.#isStrict && id !== idOf(pit));
    if (isOld) throw missing(id);
    if (keepAlive !== undefined) pit.expiresAt = this.#now() + durationOf(keepAlive);
    pit.generation += 1;
    return [pit, idOf(pit)];
  }

  close(id: string): boolean {
    const pit = this.#find(id);
    return pit !== undefined && this.#open.delete(pit.number);
  }

  #find(id: string): Pit | undefined {
    const [, number] = /^pit-(\d+)-\d+$/.exec(Buffer.from(id, "base64url").toString()) ?? [];
    if (number === undefined) throw illegal(`invalid id: [${id}]`);
    return this.#open.get(Number(number));
  }
}

/** Milliseconds of a time such as `1m`. */
export function durationOf(text: string): number {
  const [, count, unit = ""] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined)
    throw illegal(
      `failed to parse setting [keep_alive] with value [${text}] as a time value: unit is missing or unrecognized`,
    );
  return Number(count) * (UNITS[unit] ?? 0);
}

const idOf = ({ number, generation }: Pit): string => Buffer.from(`pit-${number}-${generation}`).toString("base64url");

const missing = (id: string): ElasticError =>
  allShardsFailed([
    {
      index: "",
      error: new ShardError("search_context_missing_exception", `No search context found for id [${id}]`, {
        status: 404,
      }),
    },
  ]);
