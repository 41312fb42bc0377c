import type { TracesConfig } from "../../core/evidence-config.ts";
import type { TraceSource } from "../../core/telemetry.ts";
import { openBackend } from "../spans/backend.ts";
import { ReadingLog } from "../spans/reading-log.ts";
import type { TempoSession } from "./ask.ts";
import { checkTempo } from "./check.ts";
import { readNeighbours } from "./neighbours.ts";
import { readTraces } from "./read.ts";
import { readTrace } from "./trace-by-id.ts";

/**
 * Opens a Tempo 2 or 3 as a source of traces; the first question connects. `now` is Unix milliseconds. Throws `CollectError`
 * when its certificates are unusable.
 */
export async function openTempo(
  config: TracesConfig,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<TraceSource> {
  const backend = await openBackend(config);
  const start = (signal: AbortSignal): TempoSession => ({ backend, log: new ReadingLog("tempo"), signal, now });
  return {
    kind: "tempo",
    read: (question, signal) => readTraces(start(signal), question),
    trace: (traceId, signal) => readTrace(start(signal), traceId),
    neighbours: async (service, window, signal) => {
      const session = start(signal);
      const found = await readNeighbours(session, service, window);
      return { ...found, ...session.log.result() };
    },
    check: (signal) => checkTempo(start(signal), config.url),
    close: () => backend.close(),
  };
}
