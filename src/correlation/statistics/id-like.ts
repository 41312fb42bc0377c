import type { FieldCounts } from "../../core/telemetry.ts";

/** From this share of different values on, a field names each document by itself. */
const MOST = 0.9;

/** The field tells documents apart instead of having them in common, such as a request's id. */
export function isIdLike({ distinct, values, selectionTotal, backgroundTotal }: FieldCounts): boolean {
  const total = selectionTotal + backgroundTotal;
  if (distinct !== undefined && total >= 20) return distinct / total > MOST;
  const seen = values.reduce((sum, { selection, background }) => sum + selection + background, 0);
  return seen >= 20 && values.length / seen > MOST;
}
