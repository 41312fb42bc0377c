import type { SpanRow } from "./span-row.ts";

/** Services beside one. */
export interface Neighbours {
  readonly calls: readonly string[];
  readonly calledBy: readonly string[];
}

/**
 * Who calls the service and whom it calls, by the parents of spans and by what its client spans name. `rows` are whole
 * traces.
 */
export function findNeighbours(service: string, rows: readonly SpanRow[]): Neighbours {
  const byId = new Map(rows.map((row) => [`${row.traceId} ${row.span.spanId}`, row.span]));
  const parentOf = ({ traceId, span }: SpanRow) => byId.get(`${traceId} ${span.parentId ?? ""}`);
  const answered = new Set(rows.map(parentOf));
  const calls = new Set<string>();
  const calledBy = new Set<string>();
  for (const row of rows) {
    const parent = parentOf(row)?.service;
    if (parent === service) calls.add(row.span.service);
    if (row.span.service !== service) continue;
    if (parent !== undefined) calledBy.add(parent);
    const peer = row.own["peer.service"];
    // who answers with spans is known by them, whatever the caller calls it
    if (row.span.kind === "client" && peer !== undefined && !answered.has(row.span)) calls.add(peer);
  }
  calls.delete(service);
  calledBy.delete(service);
  return { calls: [...calls].toSorted(), calledBy: [...calledBy].toSorted() };
}

/** The services below one: those that it calls, also through others. `rows` are whole traces. */
export function findBelow(service: string, rows: readonly SpanRow[]): readonly string[] {
  const below = new Set<string>();
  for (const spans of Map.groupBy(rows, ({ traceId }) => traceId).values()) {
    const children = Map.groupBy(spans, ({ span }) => span.parentId);
    const open = spans.filter(({ span }) => span.service === service);
    const seen = new Set(open);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const child of children.get(next.span.spanId) ?? []) {
        if (seen.has(child)) continue;
        seen.add(child);
        open.push(child);
        below.add(child.span.service);
      }
    }
  }
  below.delete(service);
  return [...below].toSorted();
}
