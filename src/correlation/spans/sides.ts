import type { FieldComparison, FieldCounts } from "../../core/telemetry.ts";
import { countFields } from "./field-counts.ts";
import { isEntry, type SpanRow } from "./span-row.ts";

/** Spans of both times. */
export interface TwoSides {
  readonly window: readonly SpanRow[];
  readonly baseline: readonly SpanRow[];
}

/**
 * Counts the attributes of the entry spans on both sides of a comparison. `limitsMs` are durations above which a span
 * of a service is slow; spans of other services are left out.
 */
export function countSides(
  { window, baseline }: TwoSides,
  comparison: FieldComparison,
  limitsMs: ReadonlyMap<string, number>,
): readonly FieldCounts[] {
  const isMeant = (row: SpanRow): boolean => isEntry(row) && limitsMs.has(row.span.service);
  const entries = window.filter(isMeant);
  const before = baseline.filter(isMeant);
  if (comparison === "window") return countFields(entries, before);
  const isSelected = ({ span }: SpanRow): boolean =>
    comparison === "failed"
      ? span.status === "error"
      : span.durationMs > (limitsMs.get(span.service) ?? Number.POSITIVE_INFINITY);
  const rest = entries.filter((row) => !isSelected(row));
  // what is slow is compared with the same time: a baseline has other traffic
  return countFields(entries.filter(isSelected), comparison === "slow" ? rest : [...rest, ...before]);
}
