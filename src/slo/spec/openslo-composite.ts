import type { Slo, SloAlerting } from "../model.ts";
import { minimumFor } from "./defaults.ts";
import type { OpenSloObject, OpenSloShelf } from "./openslo-objects.ts";
import type { OpenSloSlo } from "./openslo-schema.ts";
import { resourceId } from "./resource-names.ts";

const METHODS = {
  Occurrences: "occurrences",
  Timeslices: "timeslices",
  RatioTimeslices: "ratio_timeslices",
} as const;

/**
 * Whether an SLO is made of several objectives that each measure something of their own, and tells of weights
 * elsewhere.
 */
export function isComposite({ value, path, findings }: OpenSloObject<OpenSloSlo>, shelf: OpenSloShelf): boolean {
  const { objectives } = value;
  const hasOwn = objectives.some(
    ({ indicator, indicatorRef }) => indicator !== undefined || indicatorRef !== undefined,
  );
  if (hasOwn && objectives.length > 1 && shelf.version !== "openslo/v1alpha") return true;
  objectives.forEach(({ compositeWeight }, i) => {
    if (compositeWeight == null) return;
    findings.warning("no-effect", [...path, "objectives", i, "compositeWeight"], "has no effect: this is no composite");
  });
  return false;
}

/**
 * The SLO of all objectives together, which has the alerts; undefined after a finding. OpenSLO gives it no target of
 * its own, so that of its objectives is taken, which then must be the same.
 */
export function compositeOf(
  { value: spec, metadata, findings, path }: OpenSloObject<OpenSloSlo>,
  members: readonly Slo[],
  alerting: SloAlerting,
): Slo | undefined {
  const [first] = members;
  const id = resourceId([spec.service, metadata.name], ["metadata", "name"], findings);
  if (first === undefined || id === undefined || members.length < spec.objectives.length) return undefined;
  if (members.some(({ objective }) => objective !== first.objective)) {
    const message =
      "have different targets, so it is not said what they are together: give them the same, or write the composite in our own format";
    findings.error("unsupported", [...path, "objectives"], message);
    return undefined;
  }
  return {
    ...first,
    id,
    name: metadata.name,
    description: [metadata.displayName, spec.description].filter((text) => text != null && text !== "").join(": "),
    sli: {
      kind: "composite",
      method: METHODS[spec.budgetingMethod],
      members: members.map((member, i) => ({
        sloId: member.id,
        weight: spec.objectives[i]?.compositeWeight ?? 1,
      })),
    },
    timeslices: undefined,
    minimum: minimumFor(false),
    alerting,
    source: findings.source([]),
  };
}
