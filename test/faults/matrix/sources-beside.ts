import type { EvidenceSignal } from "../../../src/core/evidence.ts";
import type { LogReading, MetricReading, TraceReading } from "../../../src/core/telemetry.ts";
import type { EvidenceSources } from "../../../src/correlation/gather.ts";
import { EVIDENCE_KINDS, type OpenEvidence } from "./sources-kinds.ts";
import { QUESTION } from "./sources-world.ts";

interface Readings {
  readonly logs: LogReading;
  readonly traces: TraceReading;
  readonly metrics: MetricReading;
}

let recorded: Promise<Readings> | undefined;

/**
 * Sources of the other signals, which answer what the true ones said once: what they say must not depend on the one
 * that fails.
 */
export async function readingsBeside(signals: readonly EvidenceSignal[]): Promise<EvidenceSources> {
  recorded ??= record();
  const { logs, traces, metrics } = await recorded;
  const rest = { check: notAsked, close: async () => undefined };
  return {
    changes: [],
    ...(!signals.includes("logs") && {
      logs: { ...rest, read: async () => logs, ofTrace: notAsked, line: notAsked, around: notAsked },
    }),
    ...(!signals.includes("traces") && {
      traces: { ...rest, kind: "tempo", read: async () => traces, trace: async () => undefined, neighbours: notAsked },
    }),
    ...(!signals.includes("metrics") && { metrics: { ...rest, read: async () => metrics, labelsAt: notAsked } }),
  };
}

const notAsked = (): Promise<never> => Promise.reject(new Error("a bundle does not ask that"));

/** Reads each signal once in a server of its own. */
async function record(): Promise<Readings> {
  const { scope, window, baseline, limits, seed } = QUESTION;
  const asked = { filter: scope.filter, window, baseline };
  const signal = AbortSignal.timeout(60_000);
  const subjects = scope.entities.map(({ labels }) => labels);
  const [logs, traces, metrics] = await Promise.all([
    readOf("elasticsearch", ({ sources }) => sources.logs?.read({ ...asked, lines: limits.lines, seed }, signal)),
    readOf("tempo", ({ sources }) => sources.traces?.read({ ...asked, traces: limits.traces }, signal)),
    readOf("prometheus", ({ sources }) =>
      sources.metrics?.read({ subjects, window, baseline, series: limits.series }, signal),
    ),
  ]);
  return { logs, traces, metrics };
}

async function readOf<R>(id: string, read: (opened: OpenEvidence) => Promise<R> | undefined): Promise<R> {
  const kind = EVIDENCE_KINDS.find((one) => one.id === id);
  if (kind === undefined) throw new Error(`there is no source ${id} in test/faults/matrix/sources-kinds.ts`);
  const server = await kind.start();
  const opened = await kind.open({ url: server.url, caFile: undefined });
  try {
    const reading = await read(opened);
    if (reading === undefined) throw new Error(`the source ${id} reads nothing of that kind`);
    return reading;
  } finally {
    await opened.close();
    await server.close();
  }
}
