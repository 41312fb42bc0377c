import type { LogLine, Outcome, Trace } from "../../core/telemetry.ts";
import { ask, type AskOptions } from "../../correlation/ask.ts";
import type { EvidenceSources } from "../../correlation/gather.ts";
import { remembering, scrubbed } from "../../correlation/scrubbed.ts";

/** A trace with what belongs to it. */
export interface TraceView {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string;
  /** `read` with undefined: the source has no such trace (any more). */
  readonly trace: Outcome<Trace | undefined>;
  readonly logs: Outcome<{ readonly lines: readonly LogLine[]; readonly notes: readonly string[] }>;
}

const TRACE_ID = /^[0-9a-f]{1,32}$/;

/** A trace id as people paste it: in any case, with dashes, or without its leading zeros. Undefined when it is none. */
export function readTraceId(text: string): string | undefined {
  const id = text.trim().toLowerCase().replaceAll("-", "");
  return TRACE_ID.test(id) && !/^0*$/.test(id) ? id.padStart(32, "0") : undefined;
}

/** Reads a trace and its log lines, secrets scrubbed; a source that is down is told as that. */
export async function viewTrace(
  traceId: string,
  sources: Pick<EvidenceSources, "logs" | "traces">,
  { scrub, ...options }: AskOptions & { readonly scrub: (text: string) => string },
): Promise<TraceView> {
  const [trace, logs] = await Promise.all([
    ask(sources.traces, (source, signal) => source.trace(traceId, signal), options),
    ask(sources.logs, (source, signal) => source.ofTrace(traceId, signal), options),
  ]);
  return scrubbed({ traceId, trace, logs }, remembering(scrub));
}
