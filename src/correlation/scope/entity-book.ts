import type { EntityKind } from "../../core/entity-kinds.ts";
import type { Entity } from "../../core/evidence.ts";

/** What an entity is told with; other labels of one that is known are kept besides. */
export type FoundEntity = Omit<Entity, "also">;

const MOST = 100;
const MOST_ALSO = 4;

/** Entities, each once: the nearest finding of each counts. */
export class EntityBook {
  readonly #entities = new Map<string, Entity>();
  #full = false;

  /** Whether more were found than are kept. */
  get isFull(): boolean {
    return this.#full;
  }

  /** The nearest first, else in the order in which they were found. */
  get all(): readonly Entity[] {
    return [...this.#entities.values()].toSorted((a, b) => a.distance - b.distance);
  }

  has(kind: EntityKind, name: string): boolean {
    return this.#entities.has(keyOf(kind, name));
  }

  /** Keeps an entity; true when it was not known. */
  add(found: FoundEntity): boolean {
    const key = keyOf(found.kind, found.name);
    const known = this.#entities.get(key);
    if (known === undefined && this.#entities.size >= MOST) {
      this.#full = true;
      return false;
    }
    this.#entities.set(key, known === undefined ? found : withLabels(known, found.labels));
    return known === undefined;
  }

  /** Adds other labels by which an entity is found. */
  also(kind: EntityKind, name: string, labels: Entity["labels"]): void {
    const known = this.#entities.get(keyOf(kind, name));
    if (known !== undefined) this.#entities.set(keyOf(kind, name), withLabels(known, labels));
  }

  remove(kind: EntityKind, name: string): void {
    this.#entities.delete(keyOf(kind, name));
  }
}

const keyOf = (kind: EntityKind, name: string): string => `${kind} ${name}`;

function withLabels(known: Entity, labels: Entity["labels"]): Entity {
  const { also = [] } = known;
  const isKnown = [known.labels, ...also].some((one) => isSame(one, labels));
  return isKnown || also.length >= MOST_ALSO ? known : { ...known, also: [...also, labels] };
}

function isSame(one: Entity["labels"], other: Entity["labels"]): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
