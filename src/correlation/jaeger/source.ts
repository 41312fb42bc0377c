import { failedFinding } from "../../core/finding.ts";
import type { TracesConfig } from "../../core/evidence-config.ts";
import type { Finding } from "../../core/pack.ts";
import type { Trace, TraceSource } from "../../core/telemetry.ts";
import { openBackend } from "../spans/backend.ts";
import { ReadingLog } from "../spans/reading-log.ts";
import { buildTrace } from "../spans/trace.ts";
import { parseTraceId } from "../spans/trace-id.ts";
import { readServices, readTraceSpans, type JaegerSession } from "./api.ts";
import { readNeighbours } from "./neighbours.ts";
import { readTraces } from "./read.ts";

/**
 * Opens a Jaeger as a source of traces; the first question connects. Throws `CollectError` when its certificates are
 * unusable.
 */
export async function openJaeger(config: TracesConfig): Promise<TraceSource> {
  const backend = await openBackend(config);
  const start = (signal: AbortSignal): JaegerSession => ({ backend, log: new ReadingLog("jaeger"), signal });
  return {
    kind: "jaeger",
    read: (question, signal) => backend.naming(() => readTraces(start(signal), question), signal),
    trace: async (text, signal) => {
      const traceId = parseTraceId(text);
      return backend.naming(() => readTrace(start(signal), traceId), signal);
    },
    neighbours: async (service, window, signal) => {
      const session = start(signal);
      const found = await backend.naming(() => readNeighbours(session, service, window), signal);
      return { ...found, ...session.log.result() };
    },
    check: async (signal) => [await checkJaeger(start(signal), config.url)],
    close: () => backend.close(),
  };
}

async function readTrace(session: JaegerSession, traceId: string): Promise<Trace | undefined> {
  const trace = buildTrace(traceId, await readTraceSpans(session, traceId), []);
  // the 404 of another server looks the same
  if (trace === undefined) await readServices(session);
  return trace;
}

async function checkJaeger(session: JaegerSession, url: string): Promise<Finding> {
  const subject = `jaeger ${url}`;
  try {
    const services = await session.backend.naming(() => readServices(session), session.signal);
    const found =
      services.length === 0 ? "no service has sent spans yet" : `${services.length} services have sent spans`;
    return { subject, ok: true, message: `reachable; ${found}` };
  } catch (thrown) {
    return failedFinding(subject, thrown);
  }
}
