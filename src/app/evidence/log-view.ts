import type { LogId, LogLine, Outcome } from "../../core/telemetry.ts";
import { ask } from "../../correlation/ask.ts";
import { remembering, scrubbed } from "../../correlation/scrubbed.ts";
import { placeOf } from "./place.ts";
import { viewTrace, whereabouts, type LookUp, type ReadLines, type TraceView, type Whereabouts } from "./trace-view.ts";

/** A log line with what belongs to it. */
export interface LogView {
  readonly id: LogId;
  /** `read` with undefined: there is no such line (any more). */
  readonly line: Outcome<{ readonly line: LogLine | undefined; readonly notes: readonly string[] }>;
  /** Of the line that names one. */
  readonly trace?: TraceView;
  /** Of the line that names no trace: what its service logged around it. */
  readonly around?: Whereabouts & { readonly logs: ReadLines };
}

/** Reads a log line, with its trace when it has one, else with the lines around it; secrets scrubbed. */
export async function viewLog(id: LogId, lookUp: LookUp): Promise<LogView> {
  const { sources, scrub } = lookUp;
  const found = await ask(sources.logs, (source, signal) => source.line(id, signal), lookUp);
  const line = found.state === "read" ? found.reading.line : undefined;
  // whoever asks knows the id
  const view = { id, line: scrubbed(found, remembering(scrub)) };
  if (line === undefined) return view;
  return line.traceId === undefined
    ? { ...view, around: await viewAround(line, lookUp) }
    : { ...view, trace: await viewTrace(line.traceId, lookUp) };
}

async function viewAround(line: LogLine, lookUp: LookUp): Promise<NonNullable<LogView["around"]>> {
  const [logs, found] = await Promise.all([
    ask(lookUp.sources.logs, (source, signal) => source.around(line, signal), lookUp),
    whereabouts(placeOf([], [line], Date.now()), lookUp),
  ]);
  return { logs: scrubbed(logs, remembering(lookUp.scrub)), ...found };
}
