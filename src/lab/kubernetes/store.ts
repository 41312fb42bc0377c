import { randomUUID } from "node:crypto";
import { Refusal } from "./answers.ts";
import type { KubernetesObject } from "./contract.ts";
import type { LabKind } from "./kinds.ts";
import type { Selector } from "./selectors.ts";

/** A change of an object. */
export interface Change {
  readonly kind: LabKind;
  readonly version: number;
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject | undefined;
}

/** One event of a watch. */
export interface Event {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: object;
}

/** A page of a list. */
export interface Page {
  readonly items: readonly KubernetesObject[];
  readonly version: number;
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** Where an object is. */
export interface Place {
  readonly kind: LabKind;
  readonly namespace: string | undefined;
  readonly name: string;
}

const FIRST_VERSION = 100;

/** The objects of a cluster and their changes, in the order of their versions. */
export class Store {
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  #changes: Change[] = [];
  #version = FIRST_VERSION;
  #forgottenTo = 0;
  readonly #listeners = new Set<(change: Change) => void>();

  get version(): number {
    return this.#version;
  }

  /** Calls the listener after each change; gives what ends that. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Forgets all changes so far. */
  forget(): void {
    // an empty change, so that even the newest version that somebody knows is forgotten
    this.#version += 1;
    this.#forgottenTo = this.#version;
    this.#changes = [];
  }

  find(place: Place): KubernetesObject {
    const found = this.#of(place.kind).get(keyOf(place));
    if (found === undefined) throw notFound(place);
    return found;
  }

  all(kind: LabKind): readonly KubernetesObject[] {
    return [...this.#of(kind).values()];
  }

  /** Takes over the object that is given; `create` refuses one that is there, an update one that is not. */
  put(place: Place, object: KubernetesObject, create: boolean): KubernetesObject {
    const before = this.#of(place.kind).get(keyOf(place));
    if (create && before !== undefined)
      throw new Refusal(409, "AlreadyExists", `${place.kind.resource} "${place.name}" already exists`);
    if (!create && before === undefined) throw notFound(place);
    this.#version += 1;
    const metadata = {
      ...object.metadata,
      name: place.name,
      ...(place.namespace !== undefined && { namespace: place.namespace }),
      uid: before?.metadata.uid ?? randomUUID(),
      resourceVersion: String(this.#version),
    };
    const after = { ...object, metadata };
    this.#of(place.kind).set(keyOf(place), after);
    this.#tell({ kind: place.kind, version: this.#version, before, after });
    return after;
  }

  remove(place: Place): KubernetesObject {
    const before = this.find(place);
    this.#version += 1;
    this.#of(place.kind).delete(keyOf(place));
    const gone = { ...before, metadata: { ...before.metadata, resourceVersion: String(this.#version) } };
    this.#tell({ kind: place.kind, version: this.#version, before: gone, after: undefined });
    return gone;
  }

  list(kind: LabKind, selector: Selector, { limit, from }: { readonly limit: number; readonly from: string }): Page {
    const start = from === "" ? { version: this.#version, after: "" } : readToken(from);
    if (start.version < this.#forgottenTo) throw expired("The provided continue parameter is too old");
    const keys = [...this.#of(kind).keys()].toSorted().filter((key) => key > start.after);
    const wanted = keys.filter((key) => {
      const object = this.#of(kind).get(key);
      return object !== undefined && selector(object);
    });
    const page = limit > 0 ? wanted.slice(0, limit) : wanted;
    const items = page.flatMap((key) => this.#of(kind).get(key) ?? []);
    const last = page.at(-1);
    const token = Buffer.from(JSON.stringify({ version: start.version, after: last })).toString("base64url");
    return { items, version: start.version, ...(page.length < wanted.length && { next: token }) };
  }

  /** The changes after a version. Throws 410 when some of them are forgotten. */
  changesAfter(version: number): readonly Change[] {
    if (version < this.#forgottenTo) throw expired(`too old resource version: ${version} (${this.#forgottenTo})`);
    return this.#changes.filter((change) => change.version > version);
  }

  #of(kind: LabKind): Map<string, KubernetesObject> {
    const found = this.#objects.get(nameOf(kind)) ?? new Map<string, KubernetesObject>();
    this.#objects.set(nameOf(kind), found);
    return found;
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

/** The event that a change is to whoever watches a selection of a kind; undefined when it is none. */
export function eventOf(change: Change, wanted: LabKind, selector: Selector): Event | undefined {
  if (nameOf(change.kind) !== nameOf(wanted)) return undefined;
  const { before, after, version } = change;
  const wasIn = before !== undefined && selector(before);
  const isIn = after !== undefined && selector(after);
  if (isIn) return { type: wasIn ? "MODIFIED" : "ADDED", object: after };
  if (!wasIn) return undefined;
  return { type: "DELETED", object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } } };
}

const keyOf = ({ namespace, name }: Place): string => `${namespace ?? ""}/${name}`;

const nameOf = ({ group, resource }: LabKind): string => (group === "" ? resource : `${resource}.${group}`);

const notFound = ({ kind, name }: Place): Refusal =>
  new Refusal(404, "NotFound", `${nameOf(kind)} "${name}" not found`);

const expired = (message: string): Refusal => new Refusal(410, "Expired", message);

function readToken(text: string): { version: number; after: string } {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString()) as { version: number; after: string };
  } catch {
    throw new Refusal(400, "BadRequest", "continue key is not valid");
  }
}
