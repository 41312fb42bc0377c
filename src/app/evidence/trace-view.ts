import type { LogLine, Outcome, Trace } from "../../core/telemetry.ts";
import { ask, type AskOptions } from "../../correlation/ask.ts";
import type { EvidenceSources } from "../../correlation/gather.ts";
import { remembering, scrubbed } from "../../correlation/scrubbed.ts";
import { placeOf, type Place, type PlaceMetrics } from "./place.ts";

/** Lines of a log, and what could not be seen of them. */
export type ReadLines = Outcome<{ readonly lines: readonly LogLine[]; readonly notes: readonly string[] }>;

/** What was found at a place; both are absent where nothing tells where and when it was. */
export interface Whereabouts {
  readonly place?: Place;
  /** Of the services there. */
  readonly metrics?: PlaceMetrics;
}

/** A trace with what belongs to it. */
export interface TraceView extends Whereabouts {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string;
  /** `read` with undefined: the source has no such trace (any more). */
  readonly trace: Outcome<Trace | undefined>;
  readonly logs: ReadLines;
}

/** What things are looked up with. */
export interface LookUp extends AskOptions {
  readonly sources: Pick<EvidenceSources, "logs" | "traces">;
  /** Takes secrets out of a text. */
  readonly scrub: (text: string) => string;
  /** The metrics of a place, without secrets. */
  readonly metricsOf: (place: Place) => Promise<PlaceMetrics | undefined>;
}

/**
 * Reads a trace with its log lines and the metrics of its services, secrets scrubbed; a source that is down is told as
 * that.
 */
export async function viewTrace(traceId: string, lookUp: LookUp): Promise<TraceView> {
  const { sources, scrub } = lookUp;
  const [trace, logs] = await Promise.all([
    ask("trace", sources.traces, (source, signal) => source.trace(traceId, signal), lookUp),
    ask("logs of trace", sources.logs, (source, signal) => source.ofTrace(traceId, signal), lookUp),
  ]);
  const spans = trace.state === "read" ? (trace.reading?.spans ?? []) : [];
  const lines = logs.state === "read" ? logs.reading.lines : [];
  const found = await whereabouts(placeOf(spans, lines, Date.now()), lookUp);
  return { ...scrubbed({ traceId, trace, logs }, remembering(scrub)), ...found };
}

/** What is to be told of a place. */
export async function whereabouts(place: Place | undefined, { metricsOf, scrub }: LookUp): Promise<Whereabouts> {
  if (place === undefined) return {};
  const metrics = await metricsOf(place);
  return { place: scrubbed(place, scrub), ...(metrics !== undefined && { metrics }) };
}

/** Whether there is anything of it, or may be in a source that could not be read. */
export const isKnownTrace = ({ trace, logs }: TraceView): boolean =>
  trace.state === "down" ||
  logs.state === "down" ||
  (trace.state === "read" && trace.reading !== undefined) ||
  (logs.state === "read" && logs.reading.lines.length > 0);
