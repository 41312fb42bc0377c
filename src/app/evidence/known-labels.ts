import { ENTITY_KINDS } from "../../core/entity-kinds.ts";
import type { EvidenceConfig } from "../../core/evidence-config.ts";
import type { Relation } from "../../core/pack.ts";

/** Labels that were asked for by hand, and name nothing that is known. */
export class UnknownLabels extends Error {
  override readonly name = "UnknownLabels";
}

type Labels = Readonly<Record<string, string>>;

/** Labels of alerts that lead nowhere by themselves, but say of what target or machine the others are. */
const BESIDE = ["target", "instance"];

/**
 * The labels that may be asked for by hand: those that the configuration and the packs know, and the kinds of things by their
 * own names, whatever the labels of alerts are called. Throws {@link UnknownLabels} for another one: it would be a slip.
 */
export function askedLabels(
  labels: Labels,
  { names, relations }: { readonly names: EvidenceConfig["labels"]; readonly relations: readonly Relation[] },
): EvidenceConfig["labels"] {
  const byHand = Object.fromEntries(ENTITY_KINDS.map((kind) => [kind, [...(names[kind] ?? []), kind]]));
  const ends = relations.flatMap(({ from, to }) => [from, to]).flatMap(({ label, by = [] }) => [label, ...by]);
  const known = new Set([...Object.values(byHand).flat(), ...ends, ...BESIDE]);
  const unknown = Object.keys(labels).filter((label) => !known.has(label));
  if (unknown.length > 0)
    throw new UnknownLabels(
      `${unknown.join(", ")} ${unknown.length === 1 ? "is no label" : "are no labels"} that names a thing: there are ${[...known].toSorted().join(", ")} (\`evidence.labels\` adds others)`,
    );
  return byHand;
}
