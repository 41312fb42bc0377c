import { MappingType, type Threshold, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Unit } from "../../core/metric.ts";
import type { Level } from "../alert-levels.ts";
import type { ResolvedValues } from "../resolved.ts";

/**
 * Grafana's names of units. Source:
 * https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
 */
const UNITS: Readonly<Record<Unit, string>> = {
  seconds: "s",
  timestamp: "dateTimeFromNow",
  bytes: "bytes",
  ratio: "percentunit",
  celsius: "celsius",
  boolean: "bool_yes_no",
  none: "short",
};

const COLORS: Readonly<Record<Level["severity"], string>> = {
  critical: "red",
  warning: "orange",
  info: "blue",
  ok: "green",
};

/** The text's own colour: of what no alert judges. */
const NEUTRAL = "text";

/** Grafana's unit of a signal's values. */
export const unitOf = ({ unit }: ResolvedValues): string => UNITS[unit];

/** Whether anything says which values are bad. */
export const isJudged = ({ levels, booleans }: ResolvedValues): boolean => levels.length > 0 || booleans !== undefined;

/** Thresholds in the colours of the alerts' severities. */
export const stepsOf = ({ levels }: ResolvedValues): Threshold[] =>
  levels.length === 0
    ? [{ value: null, color: NEUTRAL }]
    : levels.map(({ from, severity }) => ({ value: from, color: COLORS[severity] }));

/** Yes and No for booleans, in the colours of what an alert says of them. */
export function mappingsOf({ unit, booleans }: ResolvedValues): ValueMapping[] {
  if (unit !== "boolean") return [];
  const color = (severity: Level["severity"] | undefined): string =>
    severity === undefined ? NEUTRAL : COLORS[severity];
  const options = {
    "0": { text: "No", color: color(booleans?.zero), index: 0 },
    "1": { text: "Yes", color: color(booleans?.one), index: 1 },
  };
  return [{ type: MappingType.ValueToText, options }];
}
