import type { FieldCounts } from "../../core/telemetry.ts";
import type { SpanRow } from "./span-row.ts";

/** Most values of a field that are told: the ones that are frequent on either side. */
const MAX_VALUES = 20;

interface Tally {
  selection: number;
  background: number;
}

/**
 * Counts the values of each attribute on both sides. Attributes are named as in TraceQL, such as
 * `resource.service.version`.
 */
export function countFields(selection: readonly SpanRow[], background: readonly SpanRow[]): readonly FieldCounts[] {
  const fields = new Map<string, Map<string, Tally>>();
  for (const row of selection) add(fields, row, "selection");
  for (const row of background) add(fields, row, "background");
  return [...fields]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, values]) => ({
      field,
      selectionTotal: selection.length,
      backgroundTotal: background.length,
      distinct: values.size,
      values: frequent([...values].map(([value, tally]) => ({ value, ...tally }))),
    }));
}

/** The values that are frequent on either side, those of the selection first. */
export function frequent(values: FieldCounts["values"]): FieldCounts["values"] {
  const bySelection = values.toSorted((a, b) => b.selection - a.selection || b.background - a.background);
  const byBackground = values.toSorted((a, b) => b.background - a.background || b.selection - a.selection);
  return [...new Set([...bySelection.slice(0, MAX_VALUES), ...byBackground.slice(0, MAX_VALUES)])];
}

function add(fields: Map<string, Map<string, Tally>>, row: SpanRow, side: keyof Tally): void {
  for (const [field, value] of namedValues(row)) {
    const values = fields.get(field) ?? new Map<string, Tally>();
    fields.set(field, values);
    const tally = values.get(value) ?? { selection: 0, background: 0 };
    values.set(value, tally);
    tally[side] += 1;
  }
}

/** Not the status: it decides on which side a span is. */
function namedValues({ span, own, resource }: SpanRow): readonly (readonly [string, string])[] {
  const intrinsic = [
    ["name", span.name],
    ["kind", span.kind],
    ["statusMessage", span.statusMessage ?? ""],
  ] as const;
  return [
    ...intrinsic.filter(([, value]) => value !== ""),
    ...Object.entries(resource).map(([key, value]) => [`resource.${key}`, value] as const),
    ...Object.entries(own).map(([key, value]) => [`span.${key}`, value] as const),
  ];
}
