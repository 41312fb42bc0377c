import type { TraceSpan } from "../core/telemetry.ts";

/** A span and how many others stand above it. */
export interface SpanRow {
  readonly span: TraceSpan;
  readonly depth: number;
}

const MOST_DEPTH = 12;

/**
 * Parents before their children, brothers in the order of time; what hangs on nothing is at the root. Survives circles.
 */
export function spanRows(spans: readonly TraceSpan[]): readonly SpanRow[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId, spanId }) =>
    parentId !== undefined && parentId !== spanId && ids.has(parentId) ? parentId : "",
  );
  const rows: SpanRow[] = [];
  const seen = new Set<TraceSpan>();
  const stack = (children.get("") ?? []).toReversed().map((span): SpanRow => ({ span, depth: 0 }));
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    if (seen.has(row.span)) continue;
    seen.add(row.span);
    rows.push(row);
    const depth = Math.min(MOST_DEPTH, row.depth + 1);
    for (const span of (children.get(row.span.spanId) ?? []).toReversed()) stack.push({ span, depth });
  }
  return [...rows, ...spans.filter((span) => !seen.has(span)).map((span): SpanRow => ({ span, depth: 0 }))];
}
