import { closest } from "fastest-levenshtein";
import { ENTITY_KINDS } from "../../core/entity-kinds.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { Relation } from "../../core/pack.ts";
import { RequestFault } from "./request-fault.ts";

type Labels = Readonly<Record<string, string>>;

interface Known {
  readonly names: EvidenceConfig["labels"];
  readonly relations: readonly Relation[];
}

/** Labels of alerts that lead nowhere by themselves, but say of what target or machine the others are. */
const BESIDE = ["target", "instance"];

/**
 * The labels that may be asked for by hand: those that the configuration and the packs know, and the kinds of things by
 * their own names, whatever the labels of alerts are called. Throws {@link RequestFault} for another one: it would be a
 * slip.
 */
export function askedLabels(labels: Labels, of: Known): EvidenceConfig["labels"] {
  const known = knownLabels(of);
  const unknown = Object.keys(labels).filter((label) => !known.includes(label));
  if (unknown.length > 0) {
    const meant = new Set(unknown.map((label) => closest(label, known)));
    throw new RequestFault(
      `${unknown.join(", ")} ${unknown.length === 1 ? "is no label" : "are no labels"} that names a thing: did you mean ${[...meant].join(", ")}? There are ${known.join(", ")} (\`evidence.labels\` adds others)`,
    );
  }
  return byHand(of);
}

/** The names of all labels that may be asked for by hand. */
export function knownLabels({ names, relations }: Known): readonly string[] {
  const ends = relations.flatMap(({ from, to }) => [from, to]).flatMap(({ label, by = [] }) => [label, ...by]);
  return [...new Set([...Object.values(byHand({ names })).flat(), ...ends, ...BESIDE])].toSorted();
}

const byHand = ({ names }: Pick<Known, "names">): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, [...(names[kind] ?? []), kind]]));
