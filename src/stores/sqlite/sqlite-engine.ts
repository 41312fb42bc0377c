import { setImmediate } from "node:timers/promises";
import type SQLite from "better-sqlite3";
import { Kysely } from "kysely";
import pLimit from "p-limit";
import pRetry from "p-retry";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { KeepAlive } from "../../core/replica-store.ts";
import type { Engine, WritePurpose, WriteSession } from "../engine.ts";
import type { Tables } from "../schema.ts";
import type { Ballast } from "./ballast.ts";
import type { SoleUse } from "./sole-use.ts";
import { WriterDialect } from "./sqlite-dialect.ts";
import { explain, isBusy, isFull } from "./sqlite-failures.ts";

/** How long a write waits for its turn and for the locks of other processes. */
const PATIENCE_MS = 5_000;
const LONGEST_PAUSE_MS = 100;

/** What the engine runs on. */
export interface SqliteEngineOptions {
  readonly file: string;
  readonly database: SQLite.Database;
  readonly ballast: Ballast;
  /** Ends with the engine; absent unless it is of a service. */
  readonly soleUse?: SoleUse | undefined;
}

/** SQLite under the store. One write runs at a time; while it waits for a lock the process goes on. */
export class SqliteEngine implements Engine {
  readonly db: Kysely<Tables>;
  readonly #options: SqliteEngineOptions;
  readonly #inTurn = pLimit(1);
  readonly #jobs = new Set<string>();
  #isWritable: boolean | undefined;

  constructor(options: SqliteEngineOptions) {
    this.#options = options;
    this.db = new Kysely<Tables>({ dialect: new WriterDialect(options.database) });
  }

  async read<T>(look: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.explained(() => patiently(() => look(this.db), PATIENCE_MS));
  }

  write<T>(purpose: WritePurpose, work: (session: WriteSession) => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    return this.#inTurn(async () => {
      try {
        const result = await this.explained(() => this.#transact(purpose, work, end));
        this.#isWritable = true;
        return result;
      } catch (error) {
        if (error instanceof StoreUnavailable) this.#isWritable = false;
        throw error;
      }
    });
  }

  /** Runs work on the database, with failures of the medium in words. */
  async explained<T>(work: () => Promise<T>): Promise<T> {
    const { file, database } = this.#options;
    // SQLite answers at once, so that a loop over it would let nothing else happen in this process
    await setImmediate();
    if (!database.open) throw new StoreUnavailable(`The database ${file} is closed: Watchkeeper stops.`);
    try {
      return await work();
    } catch (error) {
      throw explain(error, file);
    }
  }

  async #transact<T>(purpose: WritePurpose, work: (session: WriteSession) => Promise<T>, end: number): Promise<T> {
    const { ballast, file } = this.#options;
    await ballast.restore();
    if (purpose === "intake" && !ballast.isThere) {
      throw new StoreUnavailable(
        `The disk of the database ${file} is full: nothing is accepted until there is room, what was accepted is delivered.`,
      );
    }
    const attempt = (): Promise<T> => {
      const run = () => this.db.transaction().execute((db) => work({ db, now: Date.now(), locksRows: false }));
      return patiently(run, end - performance.now());
    };
    try {
      return await attempt();
    } catch (error) {
      if (purpose !== "upkeep" || !isFull(error)) throw error;
      await ballast.release();
      this.#emptyLog();
      return await attempt();
    } finally {
      if (!ballast.isThere) this.#emptyLog();
    }
  }

  /**
   * The log of changes takes room of its own until it is worked into the database, which may need a little room too.
   */
  #emptyLog(): void {
    try {
      this.#options.database.pragma("wal_checkpoint(truncate)");
    } catch {
      // then the next write fails, and says why
    }
  }

  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }

  isWritable(): boolean | undefined {
    return this.#isWritable === true ? this.#options.ballast.isThere : this.#isWritable;
  }

  /** One process alone uses the file, so that it knows of every job. */
  async exclusively(name: string, job: () => Promise<void>): Promise<boolean> {
    if (this.#jobs.has(name)) return false;
    this.#jobs.add(name);
    try {
      await job();
      return true;
    } finally {
      this.#jobs.delete(name);
    }
  }

  hint(): void {
    // there is nobody else
  }

  /** Nobody else could take the replica for dead. */
  keepAlive(): KeepAlive {
    return { lastSign: () => undefined, note: () => undefined, stop: () => Promise.resolve() };
  }

  onHint(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.db.destroy());
    this.#options.soleUse?.end();
  }
}

/** Tries again for a while when another process has the lock; SQLite's own way of waiting would stop this process. */
async function patiently<T>(run: () => Promise<T>, patienceMs: number): Promise<T> {
  return pRetry(run, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 5,
    maxTimeout: LONGEST_PAUSE_MS,
    maxRetryTime: Math.max(0, patienceMs),
    randomize: true,
    shouldRetry: ({ error }) => isBusy(error),
  });
}
