import type { TracesConfig } from "../../core/evidence-config.ts";
import type { TraceSource } from "../../core/telemetry.ts";
import { openBackend } from "../spans/backend.ts";
import { ReadingLog } from "../spans/reading-log.ts";
import { parseTraceId } from "../spans/trace-id.ts";
import type { TempoSession } from "./ask.ts";
import { checkTempo } from "./check.ts";
import { readNeighbours } from "./neighbours.ts";
import { readTraces } from "./read.ts";
import { readTrace } from "./trace-by-id.ts";

/**
 * Opens a Tempo 2 or 3 as a source of traces; the first question connects. `now` is Unix milliseconds. Throws
 * `CollectError` when its certificates are unusable.
 */
export async function openTempo(
  config: TracesConfig,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<TraceSource> {
  const backend = await openBackend(config);
  const start = (signal: AbortSignal): TempoSession => ({ backend, log: new ReadingLog("tempo"), signal, now });
  return {
    kind: "tempo",
    read: (question, signal) => backend.naming(() => readTraces(start(signal), question), signal),
    trace: async (text, signal) => {
      const traceId = parseTraceId(text);
      return backend.naming(() => readTrace(start(signal), traceId), signal);
    },
    neighbours: async (service, window, signal) => {
      const session = start(signal);
      const found = await backend.naming(() => readNeighbours(session, service, window), signal);
      // a scope is kept with the question, and read again with it
      return { ...found, ...session.log.lastingResult() };
    },
    check: (signal) => checkTempo(start(signal), config.url),
    close: () => backend.close(),
  };
}
