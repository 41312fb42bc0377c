import pLimit from "p-limit";
import type { EntityKind } from "../../core/entity-kinds.ts";
import type { Entity } from "../../core/evidence.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Relation, RelationEnd } from "../../core/pack.ts";
import { allOf, oneOf, type SelectorMatcher } from "../../lib/prometheus/selector.ts";
import type { EntityBook } from "./entity-book.ts";
import { inWords, MOST_NEIGHBOURS } from "./neighbour-words.ts";
import { findersOf, type RelationReader, type RelationRow } from "./relation-reader.ts";

const CONCURRENCY = 4;
const STEPS = 2;

/**
 * `down` leads to what a thing stands on, `up` to what stands on it; a path keeps its way, so that it never leads to
 * siblings.
 */
type Way = "down" | "up";

interface Reached {
  readonly entity: Entity;
  readonly way: Way | undefined;
}

/** Adds what the labels of an alert name as ends of relations. */
export async function addEnds(
  book: EntityBook,
  alert: TextMap,
  relations: readonly Relation[],
  reader: RelationReader,
): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const ends = relations.flatMap((relation) => [
    { relation, end: relation.from, other: relation.to },
    { relation, end: relation.to, other: relation.from },
  ]);
  const read = await Promise.all(
    ends.map(({ relation, end, other }) =>
      limit(async () => ({ end, rows: await endRows(alert, relation, { end, other, reader }) })),
    ),
  );
  const named = read.flatMap(({ end, rows }) =>
    rows.flatMap((row) => ((row[end.label] ?? "") === "" ? [] : [{ end, row }])),
  );
  // every alert of a target names it: it is meant only where nothing in it is
  const nearer = named.filter(({ end }) => end.label !== "target");
  const confirmed = new Set<EntityKind>();
  for (const { end, row } of nearer.length === 0 ? named : nearer) {
    confirmed.add(end.kind);
    const name = row[end.label] ?? "";
    book.add({ kind: end.kind, name, distance: 0, because: becauseOf(end, alert), labels: labelsOf(end, row) });
  }
  if (confirmed.has("vault_node") && !confirmed.has("node")) dropGuess(book, alert);
}

/** The label `node` of a Vault alert names no machine of Proxmox. */
function dropGuess(book: EntityBook, { node = "" }: TextMap): void {
  if (book.has("vault_node", node)) book.remove("node", node);
}

function becauseOf(end: RelationEnd, alert: TextMap): string {
  const label = findersOf(end).every((name) => isGiven(alert, name)) ? findersOf(end).join(" and ") : end.label;
  return `named by the label ${label}`;
}

const isGiven = (labels: TextMap, name: string): boolean => Object.hasOwn(labels, name) && labels[name] !== "";

/** The series that an alert's labels select: more exactly where it names the other end too. */
async function endRows(
  alert: TextMap,
  relation: Relation,
  { end, other, reader }: { readonly end: RelationEnd; readonly other: RelationEnd; readonly reader: RelationReader },
): Promise<readonly RelationRow[]> {
  const given = (names: readonly string[]): RelationRow =>
    Object.fromEntries(names.flatMap((name) => (isGiven(alert, name) ? [[name, alert[name] ?? ""]] : [])));
  const finders = findersOf(end);
  const hasAll = finders.every((name) => isGiven(alert, name));
  if (!hasAll && !isGiven(alert, end.label)) return [];
  const own = given(["target", ...(hasAll ? finders : [end.label])]);
  const exact = { ...own, ...given([other.label]) };
  const rows = await reader.rows(relation, allOf(exact));
  return rows.length > 0 || Object.keys(exact).length === Object.keys(own).length
    ? rows
    : reader.rows(relation, allOf(own));
}

/** Labels that find the other series of what a row names. */
function labelsOf(end: RelationEnd, row: RelationRow): RelationRow {
  const names = ["target", ...findersOf(end)];
  return Object.fromEntries(names.flatMap((name) => ((row[name] ?? "") === "" ? [] : [[name, row[name] ?? ""]])));
}

/**
 * Adds what stands next to these, until two steps from what is named; what is a step away already was reached
 * downwards. Gives what was left out, in sentences.
 */
export async function addNeighbours(
  book: EntityBook,
  from: readonly Entity[],
  relations: readonly Relation[],
  reader: RelationReader,
): Promise<readonly string[]> {
  const notes: string[] = [];
  let reached: readonly Reached[] = from.map((entity) => ({
    entity,
    way: entity.distance === 0 ? undefined : "down",
  }));
  while (reached.length > 0) {
    const limit = pLimit(CONCURRENCY);
    const asked = relations.flatMap((relation) =>
      (["down", "up"] as const).flatMap((way) => questionsOf(relation, way, reached)),
    );
    const found = await Promise.all(asked.map((question) => limit(async () => neighboursOf(question, reader))));
    notes.push(...found.flatMap((one) => one.notes));
    const next: Reached[] = [];
    for (const { entity, way } of found.flatMap((one) => one.reached)) if (book.add(entity)) next.push({ entity, way });
    reached = next.filter(({ entity }) => entity.distance < STEPS);
  }
  return notes;
}

/** Things of one target that one query asks for. */
interface Question {
  readonly relation: Relation;
  readonly way: Way;
  readonly near: RelationEnd;
  readonly far: RelationEnd;
  readonly matchers: readonly SelectorMatcher[];
  readonly entities: readonly Entity[];
}

function questionsOf(relation: Relation, way: Way, reached: readonly Reached[]): readonly Question[] {
  const [near, far] = way === "down" ? [relation.from, relation.to] : [relation.to, relation.from];
  const fitting = reached.filter(
    (one) => (one.way ?? way) === way && (one.entity.kind === near.kind || isAlias(one, near)),
  );
  const byTarget = Map.groupBy(fitting, ({ entity }) => entity.labels["target"] ?? "");
  return [...byTarget].map(([target, of]) => {
    const entities = of.map(({ entity }) => entity);
    const name = oneOf(near.label, [...new Set(entities.map((entity) => entity.name))]);
    const matchers = target === "" || near.label === "target" ? [name] : [...allOf({ target }), name];
    return { relation, way, near, far, matchers, entities };
  });
}

/** A machine of a cluster may be a guest of that name. */
const isAlias = ({ entity, way }: Reached, near: RelationEnd): boolean =>
  way !== "up" && entity.kind === "node" && near.kind === "guest" && entity.labels["target"] === undefined;

interface Neighbours {
  readonly reached: readonly Reached[];
  readonly notes: readonly string[];
}

async function neighboursOf(question: Question, reader: RelationReader): Promise<Neighbours> {
  const { relation, near, far, way, entities } = question;
  const rows = await reader.rows(relation, question.matchers);
  const reached: Reached[] = [];
  const notes: string[] = [];
  for (const entity of entities) {
    const own = rows.filter((row) => names(entity, near, row));
    const distance = entity.distance + 1;
    // the guest that a machine is stands on what the next step finds
    const end = entity.kind === near.kind ? far : near;
    const because =
      entity.kind !== near.kind
        ? `it has the name of ${inWords(entity)}`
        : way === "down"
          ? `${inWords(entity)} ${relation.says} it`
          : `${relation.says} ${inWords(entity)}`;
    const byName = new Map(own.map((row) => [row[end.label] ?? "", row]));
    byName.delete("");
    const all = [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, row] of all.slice(0, MOST_NEIGHBOURS))
      reached.push({ entity: { kind: end.kind, name, distance, because, labels: labelsOf(end, row) }, way });
    const more = all.length - MOST_NEIGHBOURS;
    if (more > 0) notes.push(`${more} more of the kind ${end.kind} are left out (${because})`);
  }
  return { reached, notes };
}

function names(entity: Entity, near: RelationEnd, row: RelationRow): boolean {
  if (row[near.label] !== entity.name) return false;
  // names are not always unique, such as those of guests
  const finders = findersOf(near).filter((name) => entity.labels[name] !== undefined);
  return finders.every((name) => row[name] === entity.labels[name]);
}
