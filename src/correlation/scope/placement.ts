import type { Entity } from "../../core/evidence.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import { allOf } from "../../lib/prometheus/selector.ts";
import type { EntityBook } from "./entity-book.ts";
import { inWords, MOST_NEIGHBOURS } from "./neighbour-words.ts";
import type { RelationReader, RelationRow } from "./relation-reader.ts";

const MOST_PLACED = 3;

/**
 * Adds the pods and machines that the metrics of services and pods name beside them. Gives what was left out, in
 * sentences.
 */
export async function addPlacement(
  book: EntityBook,
  named: readonly Entity[],
  { pod: pods = [], node: nodes = [] }: EvidenceConfig["labels"],
  reader: RelationReader,
): Promise<readonly string[]> {
  const placed = named.filter(({ kind }) => kind === "service" || kind === "pod").slice(0, MOST_PLACED);
  const labels = [...pods, ...nodes];
  if (labels.length === 0) return [];
  const read = await Promise.all(placed.map((entity) => reader.together(labels, allOf(entity.labels))));
  const notes: string[] = [];
  for (const [i, entity] of placed.entries()) {
    const rows = read[i] ?? [];
    if (entity.kind === "service") notes.push(...addPods(book, entity, pods, rows));
    notes.push(...addNodes(book, entity, { pods, nodes }, rows));
  }
  return notes;
}

function addPods(
  book: EntityBook,
  service: Entity,
  labels: readonly string[],
  rows: readonly RelationRow[],
): readonly string[] {
  const { names, more } = chosen(labels, rows);
  const within = Object.entries(service.labels).filter(([, value]) => value !== service.name);
  for (const [name, label] of names)
    book.add({
      kind: "pod",
      name,
      distance: 1,
      because: `${inWords(service)} runs as it`,
      labels: { ...Object.fromEntries(within), [label]: name },
    });
  return more > 0 ? [`${more} more pods of ${service.name} are left out`] : [];
}

function addNodes(
  book: EntityBook,
  entity: Entity,
  { pods, nodes }: { readonly pods: readonly string[]; readonly nodes: readonly string[] },
  rows: readonly RelationRow[],
): readonly string[] {
  const { names, more } = chosen(nodes, rows);
  const podLabel = pods.find((label) => rows.some((row) => (row[label] ?? "") !== ""));
  for (const [name, label] of names) {
    const isNew = book.add({
      kind: "node",
      name,
      distance: entity.kind === "pod" ? 1 : 2,
      because: `${inWords(entity)} runs on it`,
      // of the machine itself, not of every pod that runs there
      labels: { [label]: name, ...(podLabel !== undefined && { [podLabel]: "" }) },
    });
    if (isNew) book.also("node", name, { instance: name });
  }
  return more > 0 ? [`${more} more machines of ${entity.name} are left out`] : [];
}

/** Names, each with the label that has it. */
function chosen(
  labels: readonly string[],
  rows: readonly RelationRow[],
): { readonly names: readonly (readonly [name: string, label: string])[]; readonly more: number } {
  const names = new Map<string, string>();
  for (const row of rows) {
    const label = labels.find((one) => (row[one] ?? "") !== "");
    if (label !== undefined) names.set(row[label] ?? "", label);
  }
  const all = [...names].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { names: all.slice(0, MOST_NEIGHBOURS), more: all.length - MOST_NEIGHBOURS };
}
