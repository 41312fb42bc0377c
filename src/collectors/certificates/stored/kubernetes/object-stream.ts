import { z } from "zod";
import { milliseconds, seconds, type Duration } from "../../../../core/duration.ts";
import { CollectError } from "../../../../core/errors.ts";
import { printable } from "../../../../lib/http/request-text.ts";
import { readShape } from "../../../../lib/answers/read-shape.ts";
import { callApi, watchApi } from "./api.ts";
import type { Link } from "./connection.ts";
import type { Collection } from "./resources.ts";

/** What every object tells of itself. */
export interface ObjectHead {
  /** Namespace and name. */
  readonly key: string;
  /** Changes with every change of the object; opaque. */
  readonly version: string;
}

/** An object as it came. */
export interface FoundObject extends ObjectHead {
  readonly object: unknown;
}

/**
 * What a watch tells: an object that is new, changed or gone, or only the version up to which nothing else happened.
 */
export type WatchedChange =
  | { readonly kind: "there"; readonly found: FoundObject }
  | { readonly kind: "gone"; readonly key: string; readonly version: string }
  | { readonly kind: "bookmark"; readonly version: string };

/**
 * The server can not go on with a watch, so that the list is needed anew; when it only forgot the past, that is no
 * fault.
 */
export class WatchLost extends CollectError {
  readonly isForgotten: boolean;

  constructor(message: string, isForgotten: boolean) {
    super("server_error", message);
    this.isForgotten = isForgotten;
  }
}

const PAGE = 500;
/** Pages with objects that are too large together are asked for again, so many times smaller. */
const SMALLER = 8;
/** HTTP's 410 Gone. */
const GONE = 410;

const metaShape = z.object({ name: z.string(), namespace: z.string().default(""), resourceVersion: z.string() });
const objectShape = z.object({ metadata: metaShape });
const bookmarkShape = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const pageShape = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});
const statusShape = z.object({ code: z.number().optional(), message: z.string().default("no reason") });

/**
 * Lists a collection in pages and hands over each object; gives the version from which to watch. Throws `CollectError`.
 */
export async function listObjects(
  link: Link,
  { path, query }: Collection,
  { signal, take }: { readonly signal: AbortSignal; readonly take: (found: FoundObject) => Promise<void> },
): Promise<string> {
  let limit = PAGE;
  let from = "";
  for (;;) {
    const pageQuery = { ...query, limit: String(limit), ...(from !== "" && { continue: from }) };
    const body = await callApi(link, { path, query: pageQuery, signal }).catch((thrown: unknown) => {
      if (!(thrown instanceof CollectError && thrown.reason === "body_too_large") || limit === 1) throw thrown;
      return undefined;
    });
    if (body === undefined) {
      limit = Math.ceil(limit / SMALLER);
      continue;
    }
    const { metadata, items } = readShape(pageShape, body, `GET ${path}`);
    for (const object of items ?? []) {
      const read = objectShape.safeParse(object);
      if (read.success) await take({ ...headOf(read.data.metadata), object });
    }
    from = metadata.continue ?? "";
    if (from === "") return metadata.resourceVersion;
  }
}

/** How a watch is held. */
export interface WatchOptions {
  /** The version to watch from. */
  readonly version: string;
  /** How long the server is asked to keep it open, and how much longer to wait for that end. */
  readonly lasts: Duration;
  readonly grace: Duration;
  readonly opened: () => void;
  readonly signal: AbortSignal;
}

/** Watches a collection until the server or the time ends it. Throws `CollectError`, {@link WatchLost} among them. */
export async function* watchObjects(
  link: Link,
  { path, query }: Collection,
  { version, lasts, grace, opened, signal }: WatchOptions,
): AsyncGenerator<WatchedChange> {
  const watchQuery = {
    ...query,
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: version,
    timeoutSeconds: String(Math.ceil(lasts / seconds(1))),
  };
  const call = { path, query: watchQuery, signal };
  for await (const { type, object } of watchApi(link, call, { lasts: milliseconds(lasts + grace), opened })) {
    const where = `GET ${path}, event ${type}`;
    if (type === "ERROR") throw lost(object, path);
    if (type === "BOOKMARK") {
      yield { kind: "bookmark", version: readShape(bookmarkShape, object, where).metadata.resourceVersion };
      continue;
    }
    const head = headOf(readShape(objectShape, object, where).metadata);
    yield type === "DELETED" ? { kind: "gone", ...head } : { kind: "there", found: { ...head, object } };
  }
}

function lost(object: unknown, path: string): WatchLost {
  const { code, message } = statusShape.catch({ code: 0, message: "no reason" }).parse(object);
  return new WatchLost(`GET ${path}: the watch failed: ${printable(message)}`, code === GONE);
}

const headOf = ({ namespace, name, resourceVersion }: z.output<typeof metaShape>): ObjectHead => ({
  key: `${namespace}/${name}`,
  version: resourceVersion,
});
