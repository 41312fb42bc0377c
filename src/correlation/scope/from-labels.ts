import { ENTITY_KINDS, type EntityKind } from "../../core/entity-kinds.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { TextMap } from "../../core/notification.ts";
import { clip, oneLine } from "../../lib/text.ts";
import type { EntityBook } from "./entity-book.ts";

/** Where a name may come from that a person wrote by hand. */
const MOST_NAME = 256;

/** Kinds whose names are said within a namespace. */
const NAMESPACED: ReadonlySet<EntityKind> = new Set<EntityKind>(["service", "pod"]);

/** A namespace only says where a thing is, if one is named: it is not what an alert is about. */
const NARROW_FIRST = [...ENTITY_KINDS.filter((kind) => kind !== "namespace"), "namespace"] as const;

/** Adds what the labels of an alert name, by the labels of each kind, the best first. */
export function addNamed(book: EntityBook, labels: TextMap, names: EvidenceConfig["labels"]): void {
  const namespace = firstOf(labels, names.namespace ?? []);
  const isApplication = [...NAMESPACED].some((kind) => firstOf(labels, names[kind] ?? []) !== undefined);
  for (const kind of NARROW_FIRST) {
    const found = firstOf(labels, names[kind] ?? []);
    if (found === undefined) continue;
    const [label, value] = found;
    const name = nameOf(kind, value);
    if (name === "") continue;
    const within = NAMESPACED.has(kind) && namespace !== undefined ? { [namespace[0]]: namespace[1] } : {};
    book.add({
      kind,
      name,
      distance: 0,
      because: `named by the label ${label}`,
      // all metrics of its namespace would hide those of a service or pod
      labels: kind === "namespace" && isApplication ? {} : { ...targetOf(kind, labels), ...within, [label]: value },
    });
    if (kind === "service") addSpellings(book, value, names.service ?? []);
  }
  addInstance(book, labels);
}

function addSpellings(book: EntityBook, service: string, spellings: readonly string[]): void {
  for (const label of spellings) book.also("service", nameOf("service", service), { [label]: service });
}

/** The machine that was asked, when nothing else is named; of a target of Watchkeeper it would be Watchkeeper's own. */
function addInstance(book: EntityBook, labels: TextMap): void {
  const instance = labels["instance"] ?? "";
  if (book.all.length > 0 || instance === "" || labels["target"] !== undefined) return;
  const name = nameOf("node", instance);
  if (name === "") return;
  const because = "named by the label instance";
  book.add({ kind: "node", name, distance: 0, because, labels: { instance } });
}

const targetOf = (kind: EntityKind, { target = "" }: TextMap): Readonly<Record<string, string>> =>
  target === "" || NAMESPACED.has(kind) || kind === "namespace" ? {} : { target };

/** Without a port: `pve1:9100` is the machine pve1. */
const nameOf = (kind: EntityKind, value: string): string => {
  const name = clip(oneLine(value), MOST_NAME);
  return kind === "node" ? name.replace(/:\d+$/, "") : name;
};

function firstOf(labels: TextMap, names: readonly string[]): readonly [label: string, value: string] | undefined {
  for (const label of names) {
    const value = Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
    if (value !== "") return [label, value];
  }
  return undefined;
}
