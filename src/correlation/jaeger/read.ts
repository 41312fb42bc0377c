import type { TraceQuestion, TraceReading, TraceSummary } from "../../core/telemetry.ts";
import { chooseComparison, chooseServices } from "../spans/comparison.ts";
import { findBelow } from "../spans/neighbours.ts";
import { besides, countByService } from "../spans/service-counts.ts";
import { countSides } from "../spans/sides.ts";
import { belongs, type SpanRow } from "../spans/span-row.ts";
import { byDuration, byFailures, summarise } from "../spans/summary.ts";
import { groupByTrace } from "../spans/trace.ts";
import { readServices, type JaegerSession } from "./api.ts";
import { merge, readService, type ServiceTraces } from "./service-traces.ts";

/** Services that are looked through; those that are asked for come first. */
const SERVICES = 10;

/** Everything that a question asks, out of traces that are read whole: Jaeger counts nothing by itself. */
export async function readTraces(session: JaegerSession, question: TraceQuestion): Promise<TraceReading> {
  const services = await servicesOf(session, question);
  const asked = await Promise.all(services.map(async (service) => readService(session, service, question)));
  const found = combine(asked);
  const counted = services.filter((_, at) => asked[at]?.incomplete === undefined);
  const taken = groupByTrace(found.window).size + groupByTrace(found.baseline).size;
  return {
    ...session.log.result(),
    failed: listTraces(found.failed, question, byFailures),
    slow: listTraces(found.slow, question, byDuration),
    ...countAndCompare(found, question, counted),
    ...(found.incomplete !== undefined && { incomplete: found.incomplete }),
    ...(found.isCut && { sample: { taken, of: undefined } }),
  };
}

async function servicesOf(session: JaegerSession, { filter }: TraceQuestion): Promise<readonly string[]> {
  const all = filter.services.length > 0 ? filter.services : await readServices(session);
  if (all.length > SERVICES) {
    session.log.note(
      `Of ${all.length} services the first ${SERVICES} were looked through: Jaeger is asked service by service.`,
    );
  }
  return all.slice(0, SERVICES);
}

function combine(asked: readonly ServiceTraces[]): ServiceTraces {
  const side = (name: "window" | "baseline" | "failed" | "slow"): readonly SpanRow[] =>
    merge(asked.flatMap((one) => one[name]));
  const incomplete = asked.find((one) => one.incomplete !== undefined)?.incomplete;
  return {
    window: side("window"),
    baseline: side("baseline"),
    failed: side("failed"),
    slow: side("slow"),
    isCut: asked.some(({ isCut }) => isCut),
    ...(incomplete !== undefined && { incomplete }),
  };
}

function listTraces(
  rows: readonly SpanRow[],
  { filter, traces }: TraceQuestion,
  order: (a: TraceSummary, b: TraceSummary) => number,
): readonly TraceSummary[] {
  return [...groupByTrace(rows)]
    .filter(([, spans]) => spans.some((row) => belongs(row, filter)))
    .map(([traceId, spans]) => summarise(traceId, spans))
    .toSorted(order)
    .slice(0, traces);
}

function countAndCompare(
  found: ServiceTraces,
  { filter }: TraceQuestion,
  asked: readonly string[],
): Pick<TraceReading, "services" | "comparison" | "attributes"> {
  const named = new Set([...asked, ...asked.flatMap((service) => findBelow(service, found.window))]);
  const isCounted = (row: SpanRow): boolean =>
    named.has(row.span.service) && (!asked.includes(row.span.service) || belongs(row, filter));
  const window = found.window.filter(isCounted);
  const baseline = found.baseline.filter(isCounted);
  const services = besides(countByService(window), countByService(baseline), asked);
  const own = chooseServices(services, asked);
  const limits = own.map(({ service, baseline: { p95Ms } }) => [service, p95Ms ?? Number.POSITIVE_INFINITY] as const);
  const comparison = chooseComparison(own);
  // those that failed were searched for, and there may be more of them than the newest traces hold
  const more =
    comparison === "failed" ? found.failed.filter((row) => row.span.status === "error" && isCounted(row)) : [];
  const sides = { window: merge([...window, ...more]), baseline };
  return { services, comparison, attributes: countSides(sides, comparison, new Map(limits)) };
}
