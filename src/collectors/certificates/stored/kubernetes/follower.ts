import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { milliseconds, minutes, seconds, type Duration } from "../../../../core/duration.ts";
import { asCollectError, CollectError } from "../../../../core/errors.ts";
import { HttpStatusError } from "../../../../lib/http/status-error.ts";
import { readShape } from "../../../../lib/shape.ts";
import { ApiBusy, callApi, watchApi } from "./api.ts";
import type { Connection, Link } from "./connection.ts";
import type { Collection } from "./resources.ts";

/** How patient a follower is. */
export interface Patience {
  /** Wait after the first failure in a row, doubled after each more. */
  readonly firstWait: Duration;
  readonly mostWait: Duration;
  /** Wait after a refusal that somebody has to mend: no right, no such kind. */
  readonly refusedWait: Duration;
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
  watchFor: minutes(5),
  grace: seconds(15),
};

/** What a follower keeps of an object. */
export interface Kept<T> {
  readonly version: string;
  readonly content: T;
}

/** Reads an object as far as it is wanted; undefined for one that holds nothing. What is not in the answer is not kept. */
export type ReadObject<T> = (object: unknown) => Promise<T | undefined>;

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
  readonly read: ReadObject<T>;
  /** Whether the content could not be opened with what was at hand, so that it is read again although the object is the same. */
  readonly isLocked: (content: T) => boolean;
}

const PAGE = 500;
const GONE = 410;
const NOT_FOUND = 404;
const REFUSED: ReadonlySet<number> = new Set([401, 403, NOT_FOUND]);

const metaShape = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(""),
    resourceVersion: z.string(),
  }),
});
const pageShape = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});
const statusShape = z.object({ code: z.number().optional(), message: z.string().optional() });

/**
 * Keeps in memory what a list of objects holds: lists it in pages, watches it from there, and lists it again only when the
 * server has forgotten where the watch was.
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
  #isKnown = false;
  #trouble: Trouble | undefined;
  #failures = 0;
  #listedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(options: FollowerOptions<T>) {
    this.collection = options.collection;
    this.#options = options;
  }

  /** Begins to follow; ends never by itself. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Settles when the first list came or failed. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Whether a list came, or the API said that there is no such kind and need not be. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** What went wrong, as long as it does. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** What the objects hold, as of the newest contact. */
  get contents(): readonly T[] {
    return [...this.#items.values()].map(({ content }) => content);
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

  /** One list, when one is needed, and one watch. Gives the wait before the next. */
  async #session(): Promise<Duration> {
    const link = await this.#options.connection.open();
    try {
      if (this.#version === undefined || this.contents.some(this.#options.isLocked)) await this.#list(link);
      const begun = performance.now();
      await this.#watch(link);
      // a proxy that ends watches at once must not make a storm
      return performance.now() - begun < this.#options.patience.firstWait
        ? this.#options.patience.firstWait
        : milliseconds(0);
    } finally {
      await link.close();
    }
  }

  async #list(link: Link): Promise<void> {
    const { path, query } = this.#options.collection;
    const { signal } = this.#stopped;
    const items = new Map<string, Kept<T>>();
    let limit = PAGE;
    let from = "";
    this.#version = undefined;
    do {
      const pageQuery = { ...query, limit: String(limit), ...(from !== "" && { continue: from }) };
      try {
        const page = readShape(pageShape, await callApi(link, { path, query: pageQuery, signal }), `GET ${path}`);
        for (const object of page.items ?? []) await this.#put(items, object);
        from = page.metadata.continue ?? "";
        if (from === "") this.#version = page.metadata.resourceVersion;
      } catch (thrown) {
        // many large objects: fewer of them at a time
        if (!(thrown instanceof CollectError && thrown.reason === "body_too_large" && limit > 1)) throw thrown;
        limit = Math.ceil(limit / 8);
        continue;
      }
    } while (from !== "" || this.#version === undefined);
    this.#items = items;
    this.#listedAt = performance.now();
    this.#reached();
    this.#settled.resolve();
  }

  async #watch(link: Link): Promise<void> {
    const { collection, patience } = this.#options;
    const timeoutSeconds = String(Math.ceil(patience.watchFor / 1_000));
    const query = {
      ...collection.query,
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: this.#version ?? "",
      timeoutSeconds,
    };
    const events = watchApi(
      link,
      { path: collection.path, query, signal: this.#stopped.signal },
      { lasts: milliseconds(patience.watchFor + patience.grace), opened: () => this.#reached() },
    );
    for await (const { type, object } of events) {
      if (type === "ERROR") throw this.#told(object);
      const { metadata } = readShape(metaShape.or(bookmarkShape), object, `GET ${collection.path}, event ${type}`);
      if (type === "DELETED") this.#items.delete(keyOf(metadata));
      else if (type !== "BOOKMARK") await this.#put(this.#items, object);
      this.#version = metadata.resourceVersion;
    }
  }

  async #put(items: Map<string, Kept<T>>, object: unknown): Promise<void> {
    const meta = metaShape.safeParse(object);
    if (!meta.success) return;
    const { metadata } = meta.data;
    const key = keyOf(metadata);
    const before = this.#items.get(key);
    if (before?.version === metadata.resourceVersion && !this.#options.isLocked(before.content)) {
      items.set(key, before);
      return;
    }
    const content = await this.#options.read(object);
    if (content === undefined) items.delete(key);
    else items.set(key, { version: metadata.resourceVersion, content });
  }

  /** What an event of the type ERROR says. */
  #told(object: unknown): Error {
    const { code, message = "no reason" } = statusShape.catch({}).parse(object);
    if (code === GONE) return new Forgotten();
    return new CollectError("server_error", `GET ${this.collection.path}: the watch failed: ${message.slice(0, 200)}`);
  }

  #reached(): void {
    this.#isKnown = true;
    this.#trouble = undefined;
    this.#failures = 0;
  }

  /** Notes the failure and gives the wait before the next try. */
  #failed(thrown: unknown): Duration {
    const { patience, connection, collection } = this.#options;
    if (this.#stopped.signal.aborted) return milliseconds(0);
    const status = thrown instanceof HttpStatusError ? thrown.status : undefined;
    if (thrown instanceof Forgotten || status === GONE) {
      this.#version = undefined;
      // a list is dear: a server that forgets at once gets no storm of them
      return performance.now() - this.#listedAt < patience.mostWait ? patience.mostWait : milliseconds(0);
    }
    if (status === NOT_FOUND && collection.resource.optional) {
      this.#items.clear();
      this.#version = undefined;
      this.#reached();
      return patience.refusedWait;
    }
    if (status === 401) connection.forget();
    const error = asCollectError(thrown);
    this.#trouble = { error, since: this.#trouble?.since ?? Date.now() };
    if (error instanceof ApiBusy) return error.wait;
    return status !== undefined && REFUSED.has(status) ? patience.refusedWait : this.#backOff();
  }

  #backOff(): Duration {
    const { firstWait, mostWait } = this.#options.patience;
    const wait = Math.min(mostWait, firstWait * 2 ** this.#failures);
    this.#failures += 1;
    return milliseconds(Math.round(wait * (0.75 + Math.random() / 2)));
  }
}

/** The server does not know any more what changed since the version that was asked from. */
class Forgotten extends Error {
  override readonly name = "Forgotten";
}

/** A bookmark's object has nothing but a version. */
const bookmarkShape = z
  .object({ metadata: z.object({ resourceVersion: z.string() }) })
  .transform(({ metadata }) => ({ metadata: { name: "", namespace: "", ...metadata } }));

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;
