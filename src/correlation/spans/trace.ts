import type { Trace } from "../../core/telemetry.ts";
import { withAttributes } from "./attributes.ts";
import type { SpanRow } from "./span-row.ts";

/** Most spans of a trace that are kept. */
const MAX_SPANS = 10_000;

/** The spans by their traces, each span once, in the order of their beginnings. */
export function groupByTrace(rows: readonly SpanRow[]): ReadonlyMap<string, readonly SpanRow[]> {
  const traces = new Map<string, Map<string, SpanRow>>();
  for (const row of rows) {
    const trace = traces.get(row.traceId) ?? new Map<string, SpanRow>();
    traces.set(row.traceId, trace);
    // Zipkin's clients and servers share one id
    const key = `${row.span.spanId} ${row.span.kind}`;
    if (!trace.has(key)) trace.set(key, row);
  }
  return new Map([...traces].map(([id, spans]) => [id, inOrder([...spans.values()])]));
}

function inOrder(rows: readonly SpanRow[]): readonly SpanRow[] {
  return rows.toSorted((a, b) => a.span.startsAt - b.span.startsAt || (a.span.spanId < b.span.spanId ? -1 : 1));
}

/**
 * The trace of this id out of what was read for it; undefined when it has no span. `notes` are what its source says.
 */
export function buildTrace(traceId: string, rows: readonly SpanRow[], notes: readonly string[]): Trace | undefined {
  const all = groupByTrace(rows).get(traceId) ?? [];
  if (all.length === 0) return undefined;
  const { spans, leftOut } = withAttributes(all.length > MAX_SPANS ? cut(all) : all);
  const said = [...notes];
  if (spans.length < all.length) {
    said.push(`It has ${all.length} spans; those that failed, what led to them and the first of the others are shown.`);
  }
  if (leftOut > 0) said.push(`It is too large: ${leftOut} of its spans' attributes and events are left out.`);
  if (all.every(({ span }) => span.parentId !== undefined)) said.push("Its root span has not arrived.");
  return { traceId, spans, notes: said };
}

/** Those that failed with their ancestors, and the first of the others. */
function cut(rows: readonly SpanRow[]): readonly SpanRow[] {
  const byId = new Map(rows.map((row) => [row.span.spanId, row]));
  const chosen = new Set<SpanRow>();
  for (const failed of rows.filter(({ span }) => span.status === "error")) {
    let row: SpanRow | undefined = failed;
    while (row !== undefined && !chosen.has(row) && chosen.size < MAX_SPANS) {
      chosen.add(row);
      row = byId.get(row.span.parentId ?? "");
    }
  }
  for (const row of rows) {
    if (chosen.size >= MAX_SPANS) break;
    chosen.add(row);
  }
  return rows.filter((row) => chosen.has(row));
}
