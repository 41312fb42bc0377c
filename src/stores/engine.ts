import type { Kysely } from "kysely";
import type { KeepAlive } from "../core/replica-store.ts";
import type { Tables } from "./schema.ts";

/** A transaction that writes. */
export interface WriteSession {
  readonly db: Kysely<Tables>;
  /** The store's clock when it began, in Unix milliseconds. */
  readonly now: number;
  /** Whether other transactions write at the same time, so that rows must be locked before they are changed. */
  readonly locksRows: boolean;
}

/**
 * Why something is written. `intake` takes on new work; `upkeep` finishes work or makes room, and may use the space
 * that is kept back for when the disk is full.
 */
export type WritePurpose = "intake" | "upkeep";

/** A database under the store: what SQLite and PostgreSQL do differently. Its failures are `StoreUnavailable`. */
export interface Engine {
  /** One look at the database, outside of any transaction. */
  read<T>(look: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** One transaction, on disk when the promise resolves. The work is done again when the database asks for it. */
  write<T>(purpose: WritePurpose, work: (session: WriteSession) => Promise<T>): Promise<T>;
  now(): Promise<number>;
  isWritable(): boolean | undefined;
  exclusively(name: string, job: () => Promise<void>): Promise<boolean>;
  /** Tells the other replicas that something is due at these destinations; never fails, and may be lost. */
  hint(destinations: readonly string[]): void;
  /** Renews the beat of a replica from aside; see `ReplicaStore.keepAlive`. */
  keepAlive(id: string): KeepAlive;
  onHint(callback: (destinations: readonly string[]) => void): () => void;
  close(): Promise<void>;
}
