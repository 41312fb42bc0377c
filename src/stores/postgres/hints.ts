import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { z } from "zod";
import { ImpatientClient, quiet, type Access } from "./connections.ts";

const CHANNEL = "watchkeeper_due";
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A notification holds less than 8,000 bytes. Source: https://www.postgresql.org/docs/current/sql-notify.html */
const NAMES_AT_ONCE = 50;

const payload = z.object({ from: z.string(), destinations: z.array(z.string()) });

type Listener = (destinations: readonly string[]) => void;

/**
 * Tells other replicas what is due, and hears it from them. Sent apart from the transaction that made it due, since
 * PostgreSQL commits transactions that notify one after the other; what is lost, polling finds.
 */
export class Hints {
  readonly #access: Access;
  readonly #pool: Pool;
  readonly #self = randomUUID();
  readonly #listeners = new Set<Listener>();
  readonly #stopped = new AbortController();
  readonly #waiting = new Set<string>();
  #sending: Promise<void> | undefined;
  #listening: Promise<void> | undefined;

  constructor(access: Access, pool: Pool) {
    this.#access = access;
    this.#pool = pool;
  }

  send(destinations: readonly string[]): void {
    for (const name of destinations) this.#waiting.add(name);
    if (this.#waiting.size > 0) this.#sending ??= this.#send();
  }

  async #send(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#stopped.signal.aborted) {
      const destinations = [...this.#waiting].slice(0, NAMES_AT_ONCE);
      for (const name of destinations) this.#waiting.delete(name);
      const text = JSON.stringify({ from: this.#self, destinations });
      await this.#pool.query("select pg_notify($1, $2)", [CHANNEL, text]).catch(() => undefined);
    }
    this.#sending = undefined;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#listening ??= this.#listen();
    return () => void this.#listeners.delete(listener);
  }

  /** Holds a connection for as long as it lasts, and then another one. */
  async #listen(): Promise<void> {
    const { signal } = this.#stopped;
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const client = new ImpatientClient(this.#access.config);
      const ended = new Promise<void>((resolve) => client.once("end", resolve));
      quiet(client);
      client.on("notification", ({ payload }) => this.#hear(payload ?? ""));
      try {
        await client.connect();
        await client.query(`listen ${CHANNEL}`);
        wait = FIRST_PAUSE_MS;
        await Promise.race([ended, aborted(signal)]);
      } catch {
        wait = Math.min(LONGEST_PAUSE_MS, wait * 2);
      }
      await client.end().catch(() => undefined);
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #hear(text: string): void {
    const heard = payload.safeParse(parse(text));
    if (!heard.success || heard.data.from === this.#self) return;
    for (const listener of this.#listeners) listener(heard.data.destinations);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#sending, this.#listening]);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
