import type { ServerResponse } from "node:http";
import { Refusal, statusObject } from "./answers.ts";
import type { LabKind } from "./kinds.ts";
import type { Selector } from "./selectors.ts";
import { eventOf, type Event, type Store } from "./store.ts";

/** What is watched, and from where. */
export interface WatchRequest {
  readonly kind: LabKind;
  readonly selector: Selector;
  readonly query: URLSearchParams;
}

interface Watch {
  readonly response: ServerResponse;
  readonly request: WatchRequest;
  isMute: boolean;
}

const LONGEST_SECONDS = 1_800;

/** The open watches: each an answer that goes on, with an event in each line. */
export class Watches {
  readonly #store: Store;
  readonly #open = new Set<Watch>();
  /** Whether events are no JSON. */
  isGarbled = false;

  constructor(store: Store) {
    this.#store = store;
    store.listen((change) => {
      for (const watch of this.#open) {
        const event = eventOf(change, watch.request.kind, watch.request.selector);
        if (event !== undefined) this.#send(watch, event);
      }
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins to answer with what happened since the version of the query, and goes on until its time ends. */
  open(request: WatchRequest, response: ServerResponse): void {
    const version = Number(request.query.get("resourceVersion") ?? 0);
    if (Number.isNaN(version)) throw new Refusal(400, "BadRequest", "resourceVersion: Invalid value");
    const watch = { request, response, isMute: false };
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    try {
      for (const change of this.#store.changesAfter(version)) {
        const event = eventOf(change, request.kind, request.selector);
        if (event !== undefined) this.#send(watch, event);
      }
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      response.end(`${JSON.stringify({ type: "ERROR", object: statusObject(thrown) })}\n`);
      return;
    }
    this.#open.add(watch);
    const seconds = Math.min(Number(request.query.get("timeoutSeconds") ?? LONGEST_SECONDS), LONGEST_SECONDS);
    const timer = setTimeout(() => {
      if (!watch.isMute) response.end();
    }, seconds * 1_000);
    timer.unref();
    response.once("close", () => {
      clearTimeout(timer);
      this.#open.delete(watch);
    });
  }

  /** Sends the present version to those who asked for bookmarks. */
  bookmark(): void {
    for (const watch of this.#open) {
      if (watch.request.query.get("allowWatchBookmarks") !== "true") continue;
      const { kind, group, version } = watch.request.kind;
      const object = {
        kind,
        apiVersion: group === "" ? version : `${group}/${version}`,
        metadata: { resourceVersion: String(this.#store.version) },
      };
      this.#send(watch, { type: "BOOKMARK", object });
    }
  }

  /** Lets those that are open say nothing any more, and not end by themselves. */
  mute(): void {
    for (const watch of this.#open) watch.isMute = true;
  }

  /** Ends all of them. */
  cut(): void {
    for (const { response } of this.#open) response.end();
  }

  #send({ response, isMute }: Watch, event: Event): void {
    if (!isMute) response.write(this.isGarbled ? "{ this is no event\n" : `${JSON.stringify(event)}\n`);
  }
}
