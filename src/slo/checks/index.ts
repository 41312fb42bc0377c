import type { Slo, SloFinding } from "../model.ts";
import { findings, type CheckContext, type SloCheck } from "./check.ts";
import { compositeGroups, compositeMembers } from "./composites.ts";
import { idleMinimum, inexact, lossyFunction, mixedUnits, orVector, sameQueries, unweightedRatio } from "./counting.ts";
import { duplicateName } from "./duplicate-name.ts";
import { groupByLost, passingGroup, reservedLabel } from "./labels.ts";
import { objectiveRange } from "./objective-range.ts";
import { fixedRange, noWindow } from "./ranges.ts";
import { selectorsDiffer, vanishingDifference } from "./selectors.ts";
import { syntax } from "./syntax.ts";
import { deadTier, noTier, oddTier } from "./tiers.ts";
import { windows } from "./windows.ts";

/** Every check that needs nothing but the specifications. */
export const sloChecks: readonly SloCheck[] = [
  objectiveRange,
  windows,
  syntax,
  noWindow,
  fixedRange,
  deadTier,
  noTier,
  oddTier,
  idleMinimum,
  duplicateName,
  reservedLabel,
  groupByLost,
  passingGroup,
  compositeMembers,
  compositeGroups,
  selectorsDiffer,
  vanishingDifference,
  sameQueries,
  mixedUnits,
  lossyFunction,
  orVector,
  unweightedRatio,
  inexact,
];

/**
 * What is wrong with SLOs that could be read, in their order; an SLO with an error should not be deployed. `unread` are
 * the ids of those that could not.
 */
export function checkSlos(slos: readonly Slo[], unread: readonly string[] = []): readonly SloFinding[] {
  const context: CheckContext = {
    unread: new Set(unread),
    byId: new Map(slos.map((slo) => [slo.id, slo])),
    // of a map with the same key twice the last one stays
    byName: new Map(slos.toReversed().map((slo) => [`${slo.service}/${slo.name}`, slo])),
  };
  return slos.flatMap((slo) => sloChecks.flatMap((one) => findings(one.name, slo, one.check(slo, context))));
}
