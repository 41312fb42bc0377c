import type { TimeWindow, TraceQuestion, TraceReading, TraceSummary } from "../../src/core/telemetry.ts";
import { chooseComparison } from "../../src/correlation/spans/comparison.ts";
import { besides, countByService } from "../../src/correlation/spans/service-counts.ts";
import { countSides } from "../../src/correlation/spans/sides.ts";
import type { SpanRow } from "../../src/correlation/spans/span-row.ts";
import type { ShopSpan } from "../../src/lab/shop/contract.ts";

/** What a source of traces would answer about the shop's spans. `callees`: services that those asked for call. */
export function readTraces(
  spans: readonly ShopSpan[],
  { filter, window, baseline, traces }: TraceQuestion,
  callees: readonly string[],
): TraceReading {
  const counted = new Set([...filter.services, ...callees]);
  const rows = (time: TimeWindow): SpanRow[] => within(spans, time).filter(({ span }) => counted.has(span.service));
  const [now, before] = [rows(window), rows(baseline)];
  const services = besides(countByService(now), countByService(before), filter.services);
  const own = services.filter(({ service }) => filter.services.includes(service));
  const limits = new Map(own.map(({ service, baseline: { p95Ms } }) => [service, p95Ms ?? Infinity]));
  const comparison = chooseComparison(own);
  const summaries = summariesOf(within(spans, window), filter.services);
  return {
    failed: summaries.filter(({ failedSpans }) => (failedSpans ?? 0) > 0).slice(0, traces),
    slow: summaries.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, traces),
    services,
    comparison,
    attributes: countSides({ window: now, baseline: before }, comparison, limits),
    notes: [],
    queries: [],
  };
}

const within = (spans: readonly ShopSpan[], { from, to }: TimeWindow): SpanRow[] =>
  spans
    .filter(({ startsAt }) => startsAt >= from && startsAt < to)
    .map((span) => ({ traceId: span.traceId, span, own: span.attributes, resource: span.resource }));

function summariesOf(rows: readonly SpanRow[], asked: readonly string[]): TraceSummary[] {
  const groups = [...Map.groupBy(rows, ({ traceId }) => traceId)];
  return groups
    .filter(([, of]) => of.some(({ span }) => asked.includes(span.service)))
    .map(([traceId, of]) => {
      const root = of.find(({ span }) => span.parentId === undefined)?.span;
      const failed = of.filter(({ span }) => span.status === "error");
      return {
        traceId,
        startsAt: root?.startsAt ?? 0,
        durationMs: root?.durationMs ?? 0,
        ...(root !== undefined && { rootService: root.service, rootName: root.name }),
        failedSpans: failed.length,
        failedServices: [...new Set(failed.map(({ span }) => span.service))],
      };
    });
}
