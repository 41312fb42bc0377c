import { hours, minutes } from "../../core/duration.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { Timeslices } from "../model.ts";
import { lengthOfShorthand } from "./openslo-fields.ts";
import type { Placed } from "./openslo-objects.ts";
import type { OpenSloObjective, OpenSloSlo } from "./openslo-schema.ts";

const SLICE = minutes(5);

/**
 * Names of an SLO's objectives, which each become an SLO: their display names, else their places; none of a single one.
 */
export function objectiveNames(objectives: readonly OpenSloObjective[]): readonly (string | undefined)[] {
  if (objectives.length === 1) return [undefined];
  const slugs = objectives.map(({ displayName }) =>
    (displayName ?? "")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, ""),
  );
  return slugs.map((slug, i) => (slug === "" || slugs.indexOf(slug) !== slugs.lastIndexOf(slug) ? String(i) : slug));
}

/** How an objective counts time; `undefined` slices count events. */
export interface Budgeting {
  readonly timeslices: Timeslices | undefined;
  /** Whether all slices weigh the same, by their ratios. */
  readonly byTime: boolean;
}

/** What the budgeting method asks of an objective; undefined after a finding. */
export function budgetingOf(
  method: OpenSloSlo["budgetingMethod"],
  { value, path, findings }: Placed<OpenSloObjective>,
): Budgeting | undefined {
  const { timeSliceTarget, timeSliceWindow } = value;
  const at = (key: keyof OpenSloObjective): YamlPath => [...path, key];
  const idle = (key: "timeSliceTarget" | "timeSliceWindow"): void => {
    if (value[key] != null) findings.warning("no-effect", at(key), `has no effect with ${method}`);
  };
  if (method === "Occurrences") {
    idle("timeSliceTarget");
    idle("timeSliceWindow");
    return { timeslices: undefined, byTime: false };
  }
  if (timeSliceWindow == null)
    findings.error("shape", at("timeSliceWindow"), `is missing: ${method} counts slices of it (OpenSLO v1 has it)`);
  if (method === "RatioTimeslices") {
    idle("timeSliceTarget");
    if (timeSliceWindow == null) return undefined;
    if (lengthOfShorthand(timeSliceWindow) === SLICE) return { timeslices: undefined, byTime: true };
    findings.error("unsupported", at("timeSliceWindow"), "must be 5m, in which events are counted and ratios made");
    return undefined;
  }
  if (timeSliceTarget == null)
    findings.error("shape", at("timeSliceTarget"), "is missing: the share that makes a slice good");
  if (timeSliceTarget == null || timeSliceWindow == null) return undefined;
  const length = lengthOfShorthand(timeSliceWindow);
  if (length <= hours(1) && length % SLICE === 0)
    return { timeslices: { length, objective: timeSliceTarget }, byTime: false };
  findings.error("unsupported", at("timeSliceWindow"), "must be 5m to 1h in steps of 5m, in which events are counted");
  return undefined;
}
