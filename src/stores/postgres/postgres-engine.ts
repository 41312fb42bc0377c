import { Kysely, PostgresDialect, sql } from "kysely";
import pRetry from "p-retry";
import type { Pool } from "pg";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { KeepAlive } from "../../core/replica-store.ts";
import { Collision } from "../change-groups.ts";
import type { Engine, WritePurpose, WriteSession } from "../engine.ts";
import type { Tables } from "../schema.ts";
import { createPool, type Access } from "./connections.ts";
import { exclusively } from "./exclusively.ts";
import { Hints } from "./hints.ts";
import { keepAlive } from "./keep-alive.ts";
import { explain, isContended } from "./postgres-failures.ts";

/** How long a transaction is done again that others got in the way of. */
const PATIENCE_MS = 5_000;

/** PostgreSQL under the store: its clock is the clock of all replicas, and its row locks keep them apart. */
export class PostgresEngine implements Engine {
  readonly #access: Access;
  readonly #pool: Pool;
  readonly #db: Kysely<Tables>;
  readonly #hints: Hints;
  #isWritable: boolean | undefined;
  #closing: Promise<void> | undefined;

  constructor(access: Access) {
    this.#access = access;
    this.#pool = createPool(access);
    this.#db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) });
    this.#hints = new Hints(access, this.#pool);
  }

  read<T>(look: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#explained(() => look(this.#db));
  }

  async write<T>(_: WritePurpose, work: (session: WriteSession) => Promise<T>): Promise<T> {
    const patiently = (): Promise<T> =>
      pRetry(() => this.#transact(work), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 5,
        maxTimeout: 100,
        maxRetryTime: PATIENCE_MS,
        randomize: true,
        shouldRetry: ({ error }) => isContended(error) || error instanceof Collision,
      });
    try {
      const result = await this.#explained(patiently);
      this.#isWritable = true;
      return result;
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#isWritable = false;
      throw error;
    }
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    const { place } = this.#access;
    if (this.#closing !== undefined) throw new StoreUnavailable(`The database ${place} is closed: Watchkeeper stops.`);
    try {
      return await work();
    } catch (error) {
      throw explain(error, place);
    }
  }

  async #transact<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    let cause: unknown;
    try {
      // each statement sees what was committed before it, which the order of locks and looks relies on
      return await this.#db
        .transaction()
        .setIsolationLevel("read committed")
        .execute(async (db) => {
          try {
            return await work({ db, now: await clock(db), locksRows: true });
          } catch (error) {
            cause = error;
            throw error;
          }
        });
    } catch (error) {
      // on a lost connection the end of the transaction fails too, and says less
      throw cause ?? error;
    }
  }

  now(): Promise<number> {
    return this.read(clock);
  }

  isWritable(): boolean | undefined {
    return this.#isWritable;
  }

  exclusively(name: string, job: () => Promise<void>): Promise<boolean> {
    return exclusively(this.#access, name, job);
  }

  hint(destinations: readonly string[]): void {
    this.#hints.send(destinations);
  }

  keepAlive(id: string): KeepAlive {
    return keepAlive(this.#access.url, id);
  }

  onHint(callback: (destinations: readonly string[]) => void): () => void {
    return this.#hints.listen(callback);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#hints.close();
    await this.#db.destroy();
  }
}

async function clock(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db);
  const now = rows[0]?.now;
  if (now === undefined) throw new TypeError("PostgreSQL gave no time");
  return now;
}
