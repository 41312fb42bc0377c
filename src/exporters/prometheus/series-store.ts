import type { Metric } from "../../core/metric.ts";
import type { PartKey } from "../../core/pack.ts";

/** What series belong to. */
export interface SeriesKey extends PartKey {
  /** What the series tell of: what was read, which is the default, or the reading of the part itself. */
  readonly about?: "reading";
}

/** The encoded samples of one family of one part. */
export interface EncodedFamily {
  readonly metric: Metric;
  /** Whole lines, in order. */
  readonly pieces: readonly Buffer[];
}

/** What one part gives to a family. */
export interface Contribution extends EncodedFamily {
  readonly key: SeriesKey;
}

/** One family across all parts, in the order of their keys. Never changed: a new contribution makes a new block. */
export interface Block {
  readonly name: string;
  readonly contributions: readonly Contribution[];
}

interface PartState {
  readonly key: SeriesKey;
  /** The publish that may still swap its result in; a newer one makes older ones void. */
  ticket: symbol | undefined;
  /** On the clock of the store's user, in milliseconds. */
  expiresAt: number;
  names: readonly string[];
}

/** The encoded series of all parts, arranged by family. Holds no object per series. */
export class SeriesStore {
  readonly #parts = new Map<string, PartState>();
  readonly #blocks = new Map<string, Block>();
  #sorted: readonly Block[] | undefined;

  /** Every part that was published and not removed. */
  get keys(): SeriesKey[] {
    return [...this.#parts.values()].map(({ key }) => key);
  }

  /** All families by name; the same array until something changed. */
  get blocks(): readonly Block[] {
    this.#sorted ??= [...this.#blocks.values()].toSorted((a, b) => compare(a.name, b.name));
    return this.#sorted;
  }

  /** Begins a publish; the function tells whether it is still the newest one of its part and the part still there. */
  begin(key: SeriesKey): () => boolean {
    const ticket = Symbol(key.part);
    this.#state(key).ticket = ticket;
    return () => this.#parts.get(identify(key))?.ticket === ticket;
  }

  /** Replaces all series of one part at once. */
  swap(key: SeriesKey, families: ReadonlyMap<string, EncodedFamily>, expiresAt: number): void {
    const state = this.#state(key);
    state.expiresAt = expiresAt;
    this.#replace(state, families);
  }

  /** Takes the series of every part away whose time is over; the part stays known. */
  dropExpired(now: number): void {
    for (const state of this.#parts.values()) {
      if (now > state.expiresAt) this.#replace(state, new Map());
    }
  }

  /** Forgets the matching parts and their series; publishes of them that are under way come to nothing. */
  remove(matches: (key: SeriesKey) => boolean): void {
    for (const [id, state] of this.#parts) {
      if (!matches(state.key)) continue;
      this.#replace(state, new Map());
      this.#parts.delete(id);
    }
  }

  #state(key: SeriesKey): PartState {
    const id = identify(key);
    const state = this.#parts.get(id) ?? { key, ticket: undefined, expiresAt: Infinity, names: [] };
    this.#parts.set(id, state);
    return state;
  }

  #replace(state: PartState, families: ReadonlyMap<string, EncodedFamily>): void {
    for (const name of new Set([...state.names, ...families.keys()])) {
      const before = this.#blocks.get(name)?.contributions ?? [];
      const after = withContribution(before, state.key, families.get(name));
      if (after === before) continue;
      if (after.length === 0) this.#blocks.delete(name);
      else this.#blocks.set(name, { name, contributions: after });
      this.#sorted = undefined;
    }
    state.names = [...families.keys()];
  }
}

/** The same array when nothing changed, so that an unchanged family keeps its block and what is cached for it. */
function withContribution(
  before: readonly Contribution[],
  key: SeriesKey,
  family: EncodedFamily | undefined,
): readonly Contribution[] {
  const found = before.findIndex((contribution) => compareKeys(contribution.key, key) >= 0);
  const index = found === -1 ? before.length : found;
  const old = before[index];
  const isThere = old !== undefined && compareKeys(old.key, key) === 0;
  if (family === undefined) return isThere ? before.toSpliced(index, 1) : before;
  if (isThere && old.metric === family.metric && samePieces(old.pieces, family.pieces)) return before;
  return before.toSpliced(index, isThere ? 1 : 0, { key, ...family });
}

function samePieces(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((piece, i) => piece.equals(b[i] ?? Buffer.alloc(0)));
}

/** Tells whether two keys name the same part. */
export const sameKey = (a: SeriesKey, b: SeriesKey): boolean => compareKeys(a, b) === 0;

const identify = ({ collector, target, part, about }: SeriesKey): string =>
  JSON.stringify([collector, target, part, about]);

function compareKeys(a: SeriesKey, b: SeriesKey): number {
  return (
    compare(a.target, b.target) ||
    compare(a.collector, b.collector) ||
    compare(a.part, b.part) ||
    compare(a.about ?? "", b.about ?? "")
  );
}

/** By code units: the same order on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
