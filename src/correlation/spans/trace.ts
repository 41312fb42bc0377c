import type { Trace, TraceSpan } from "../../core/telemetry.ts";
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

/** The trace of this id out of what was read for it; undefined when it has no span. `notes` are what its source says. */
export function buildTrace(traceId: string, rows: readonly SpanRow[], notes: readonly string[]): Trace | undefined {
  const spans =
    groupByTrace(rows)
      .get(traceId)
      ?.map(({ span }) => span) ?? [];
  if (spans.length === 0) return undefined;
  const kept = spans.length > MAX_SPANS ? cut(spans) : spans;
  const said = [...notes];
  if (kept.length < spans.length) {
    said.push(
      `It has ${spans.length} spans; those that failed, what led to them and the first of the others are shown.`,
    );
  }
  if (spans.every(({ parentId }) => parentId !== undefined)) said.push("Its root span has not arrived.");
  return { traceId, spans: kept, notes: said };
}

/** Those that failed with their ancestors, and the first of the others. */
function cut(spans: readonly TraceSpan[]): readonly TraceSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const chosen = new Set<TraceSpan>();
  for (const failed of spans.filter(({ status }) => status === "error")) {
    let span: TraceSpan | undefined = failed;
    while (span !== undefined && !chosen.has(span) && chosen.size < MAX_SPANS) {
      chosen.add(span);
      span = byId.get(span.parentId ?? "");
    }
  }
  for (const span of spans) {
    if (chosen.size >= MAX_SPANS) break;
    chosen.add(span);
  }
  return spans.filter((span) => chosen.has(span));
}
