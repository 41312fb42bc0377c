import { setTimeout as pause } from "node:timers/promises";
import { milliseconds, minutes, seconds, type Duration } from "../../../../core/duration.ts";
import { asCollectError, type CollectError } from "../../../../core/errors.ts";
import { HttpStatusError } from "../../../../lib/http/status-error.ts";
import { ApiBusy } from "./api.ts";
import type { Connection, Link } from "./connection.ts";
import { listObjects, watchObjects, WatchLost, type FoundObject } from "./object-stream.ts";
import type { Collection } from "./resources.ts";

/** How patient a follower is. */
export interface Patience {
  /** Wait after the first failure in a row, doubled after each more. */
  readonly firstWait: Duration;
  readonly mostWait: Duration;
  /** Wait after a refusal that somebody has to mend: no right, no such kind. */
  readonly refusedWait: Duration;
  /** The longest wait that a busy server may ask for. */
  readonly busyWait: Duration;
  /** How long the server is asked to keep a watch open. */
  readonly watchFor: Duration;
  /** How much longer to wait for that end: a server that went away without a word never comes to it. */
  readonly grace: Duration;
}

/** The usual {@link Patience}. */
export const PATIENCE: Patience = {
  firstWait: seconds(1),
  mostWait: seconds(30),
  refusedWait: minutes(1),
  busyWait: minutes(1),
  watchFor: minutes(5),
  grace: seconds(15),
};

/** Contact with the API that was lost. */
export interface Trouble {
  readonly error: CollectError;
  /** Unix milliseconds of the first failure in a row. */
  readonly since: number;
}

/** What a {@link Follower} is made with. */
export interface FollowerOptions<T> {
  readonly collection: Collection;
  readonly connection: Connection;
  readonly patience: Patience;
  /** Reads an object as far as it is wanted; undefined for one that holds nothing. Nothing else of it is kept. */
  readonly read: (object: unknown) => Promise<T | undefined>;
  /**
   * Whether the content could not be opened with what was at hand, so that it is read again although the object is the
   * same.
   */
  readonly isLocked: (content: T) => boolean;
}

interface Kept<T> {
  readonly version: string;
  readonly content: T | undefined;
}

const GONE = 410;
const NOT_FOUND = 404;
const UNAUTHORIZED = 401;
const REFUSED: ReadonlySet<number | undefined> = new Set([UNAUTHORIZED, 403, NOT_FOUND]);
/**
 * After so many failures in a row the server may be another one, which knows nothing of the version that was seen last.
 */
const FAILURES_BEFORE_LIST = 2;

/**
 * Keeps in memory what the objects of a collection hold: lists them in pages, watches them from there, and lists them
 * again only when the server can not go on from where the watch was.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class Follower<T> {
  readonly collection: Collection;
  readonly #options: FollowerOptions<T>;
  readonly #stopped = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #items = new Map<string, Kept<T>>();
  /** From where to watch; undefined when a list is needed. */
  #version: string | undefined;
  #listedAt = Number.NEGATIVE_INFINITY;
  #isKnown = false;
  #trouble: Trouble | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;

  constructor(options: FollowerOptions<T>) {
    this.collection = options.collection;
    this.#options = options;
  }

  /** Begins to follow; ends only when it is stopped. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Settles when the first list came or failed. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Whether a list ever came, or the API said that there is no such kind and need not be. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** What went wrong, as long as it does. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** What the objects hold, as of the newest contact. */
  get contents(): readonly T[] {
    return [...this.#items.values()].flatMap(({ content }) => content ?? []);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new DOMException("stopped", "AbortError"));
    this.#settled.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const wait = await this.#session().catch((thrown: unknown) => this.#failed(thrown));
      this.#settled.resolve();
      if (wait > 0) await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** A list, when one is needed, and a watch. Gives the wait before the next session. */
  async #session(): Promise<Duration> {
    const { connection, patience, isLocked } = this.#options;
    const link = await connection.open();
    try {
      if (this.#version === undefined || this.contents.some(isLocked)) await this.#list(link);
      const begun = performance.now();
      await this.#watch(link);
      // a proxy that ends watches at once must not make a storm
      return performance.now() - begun < patience.firstWait ? patience.firstWait : milliseconds(0);
    } finally {
      await link.close();
    }
  }

  async #list(link: Link): Promise<void> {
    const items = new Map<string, Kept<T>>();
    const take = async (found: FoundObject): Promise<void> => void items.set(found.key, await this.#keep(found));
    this.#version = await listObjects(link, this.collection, { signal: this.#stopped.signal, take });
    this.#items = items;
    this.#listedAt = performance.now();
    this.#reached();
    this.#settled.resolve();
  }

  async #watch(link: Link): Promise<void> {
    const { watchFor, grace } = this.#options.patience;
    const changes = watchObjects(link, this.collection, {
      version: this.#version ?? "",
      lasts: watchFor,
      grace,
      opened: () => this.#reached(),
      signal: this.#stopped.signal,
    });
    for await (const change of changes) {
      if (change.kind === "there") this.#items.set(change.found.key, await this.#keep(change.found));
      if (change.kind === "gone") this.#items.delete(change.key);
      this.#version = change.kind === "there" ? change.found.version : change.version;
    }
  }

  /** What is kept of an object: what was read before when it is the same. */
  async #keep({ key, version, object }: FoundObject): Promise<Kept<T>> {
    const before = this.#items.get(key);
    const isLocked = before?.content !== undefined && this.#options.isLocked(before.content);
    if (before?.version === version && !isLocked) return before;
    return { version, content: await this.#options.read(object) };
  }

  #reached(): void {
    this.#isKnown = true;
    this.#trouble = undefined;
    this.#failures = 0;
  }

  /** Notes the failure and gives the wait before the next session. */
  #failed(thrown: unknown): Duration {
    const { patience, connection } = this.#options;
    if (this.#stopped.signal.aborted) return milliseconds(0);
    const status = thrown instanceof HttpStatusError ? thrown.status : undefined;
    // of a list it is no news that the past is forgotten: the address is gone, or a list took longer than the server
    // keeps one
    const isWatch = this.#version !== undefined;
    if ((status === GONE && isWatch) || (thrown instanceof WatchLost && thrown.isForgotten)) return this.#forgotten();
    if (status === NOT_FOUND && this.collection.resource.optional) return this.#absent();
    const error = asCollectError(thrown);
    this.#trouble = { error, since: this.#trouble?.since ?? Date.now() };
    if (status === UNAUTHORIZED) connection.forget();
    if (error instanceof WatchLost) return this.#forgotten();
    if (error instanceof ApiBusy) return milliseconds(Math.min(error.wait, patience.busyWait));
    return REFUSED.has(status) ? patience.refusedWait : this.#backOff();
  }

  #forgotten(): Duration {
    const { mostWait } = this.#options.patience;
    this.#version = undefined;
    // a list is dear: a server that forgets at once gets no storm of them
    return performance.now() - this.#listedAt < mostWait ? mostWait : milliseconds(0);
  }

  #absent(): Duration {
    this.#items.clear();
    this.#version = undefined;
    this.#reached();
    return this.#options.patience.refusedWait;
  }

  #backOff(): Duration {
    const { firstWait, mostWait } = this.#options.patience;
    const wait = Math.min(mostWait, firstWait * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_LIST) this.#version = undefined;
    return milliseconds(Math.round(wait * (0.75 + Math.random() / 2)));
  }
}
