import type { MemoryKey } from "../client.ts";

/** The end of a scrub in Unix seconds, and the errors that it left. */
interface FinishedScrub {
  readonly endedAt: number | undefined;
  readonly errors: number | undefined;
}

/** What was seen of one pool in earlier polls, since ZFS tells of its newest scan only. */
export interface SeenPool {
  lastScrub: FinishedScrub | undefined;
  /** Guids of the disks that held all of their data when no resilver was under way. */
  whole: ReadonlySet<string> | undefined;
  /** Names of disks by guid, those that are gone included. */
  disks: ReadonlyMap<string, string>;
}

/** What is remembered of a server's pools, by guid: a pool that is made anew under an old name begins anew. */
export class PoolMemory {
  readonly #pools = new Map<string, SeenPool>();

  /** The pool's own; empty at first. */
  of(guid: string): SeenPool {
    const seen = this.#pools.get(guid) ?? { lastScrub: undefined, whole: undefined, disks: new Map() };
    this.#pools.set(guid, seen);
    return seen;
  }
}

/** The memory of {@link PoolMemory} in a client. */
export const poolMemory: MemoryKey<PoolMemory> = { create: () => new PoolMemory() };
