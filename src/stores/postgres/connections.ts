import pg from "pg";
import { StoreUnusable } from "../../core/delivery-store.ts";
import type { Secret } from "../../core/secret.ts";

/** How long an answer is waited for, and a new connection. */
const ANSWER_MS = 5_000;
const CONNECT_MS = 4_000;
const FAREWELL_MS = 1_000;
const CONNECTIONS = 8;

/**
 * Set for each connection: no lock is waited for without end, a replica that stands still in a transaction is cut off,
 * and a commit is on disk when it is answered, even where the server's default is laxer.
 * Source: https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const SETTINGS = `
  select set_config('lock_timeout', '4s', false),
    set_config('statement_timeout', '4500ms', false),
    set_config('idle_in_transaction_session_timeout', '10s', false),
    set_config('synchronous_commit', case current_setting('synchronous_commit')
      when 'off' then 'on' else current_setting('synchronous_commit') end, false)`;

/** How the database is reached. */
export interface Access {
  readonly url: Secret;
  readonly config: pg.ClientConfig;
  /** Names the database for people: `user@host:5432/name`. */
  readonly place: string;
}

/** Reads the URL of a database. Throws {@link StoreUnusable}, without a word of the URL, when it is none. */
export function accessTo(url: Secret): Access {
  const config: pg.ClientConfig = {
    connectionString: url.reveal(),
    application_name: "watchkeeper",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
  try {
    const { user, host, port, database } = new pg.Client(config);
    return { url, config, place: `${user ?? ""}@${host}:${port}/${database ?? ""}` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new StoreUnusable(
      `The URL of the PostgreSQL store can not be used${code}: it has the form postgres://user:password@host:5432/database, and the files it names must be readable.`,
    );
  }
}

// times and counts are far below 2^53
const getTypeParser: typeof pg.types.getTypeParser = (...[type, format]: Parameters<typeof pg.types.getTypeParser>) =>
  type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format);

/** Makes the connections that looks and changes share; none is opened yet. */
export function createPool({ config }: Access): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    Client: ImpatientClient,
    max: CONNECTIONS,
    idleTimeoutMillis: 60_000,
    verify: (client, done) => {
      client.query(SETTINGS, (error: Error | undefined) => done(error));
    },
  });
  quiet(pool);
  pool.on("connect", quiet);
  return pool;
}

/** The end of a connection is seen by the next query; unheard it would end the process. */
export function quiet(emitter: { on(event: "error", listener: () => void): unknown }): void {
  emitter.on("error", () => undefined);
}

/** Gives a connection up when an answer is overdue: nothing that is asked after that would be answered either. */
export class ImpatientClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => {
      const answer = query(...args);
      if (answer instanceof Promise) answer.catch((error: unknown) => isOverdue(error) && this.#giveUp());
      return answer;
    }) as typeof this.query;
    const end = this.end.bind(this) as (...args: readonly unknown[]) => unknown;
    this.end = ((...args: readonly unknown[]) => {
      setTimeout(() => this.#giveUp(), FAREWELL_MS).unref();
      return end(...args);
    }) as typeof this.end;
  }

  #giveUp(): void {
    this.connection.stream.destroy();
  }
}

const isOverdue = (error: unknown): boolean => error instanceof Error && error.message === "Query read timeout";
