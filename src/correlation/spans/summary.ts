import type { TraceSummary } from "../../core/telemetry.ts";
import type { SpanRow } from "./span-row.ts";

type BareSpan = SpanRow["span"];

/** A trace that was read, as a row of a list. `rows` are all its spans, at least one. */
export function summarise(traceId: string, rows: readonly SpanRow[]): TraceSummary {
  const spans = rows.map(({ span }) => span);
  const root = spans.find(({ parentId }) => parentId === undefined);
  const startsAt = spans.reduce((least, span) => Math.min(least, span.startsAt), Number.POSITIVE_INFINITY);
  const endsAt = spans.reduce((most, span) => Math.max(most, span.startsAt + span.durationMs), startsAt);
  return {
    traceId,
    ...(root !== undefined && { rootService: root.service, rootName: root.name }),
    startsAt,
    durationMs: endsAt - startsAt,
    failedSpans: spans.filter(({ status }) => status === "error").length,
    failedServices: [...new Set(findCulprits(spans).map(({ service }) => service))],
  };
}

/** The spans that failed, those where a failure began first: the ones under which nothing else failed. */
function findCulprits(spans: readonly BareSpan[]): readonly BareSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const failed = spans.filter(({ status }) => status === "error");
  const passedOn = new Set<BareSpan>();
  for (const span of failed) {
    let above = byId.get(span.parentId ?? "");
    // whoever is in it has its own ancestors in it too; hostile parents may go round in a circle
    while (above !== undefined && above !== span && !passedOn.has(above)) {
      passedOn.add(above);
      above = byId.get(above.parentId ?? "");
    }
  }
  const order = (span: BareSpan): number => Number(passedOn.has(span));
  return failed.toSorted((a, b) => order(a) - order(b) || b.startsAt - a.startsAt);
}

/** Most failed spans first, then the latest. */
export function byFailures(a: TraceSummary, b: TraceSummary): number {
  return (b.failedSpans ?? 0) - (a.failedSpans ?? 0) || b.startsAt - a.startsAt || (a.traceId < b.traceId ? -1 : 1);
}

/** The slowest first. */
export function byDuration(a: TraceSummary, b: TraceSummary): number {
  return b.durationMs - a.durationMs || (a.traceId < b.traceId ? -1 : 1);
}
