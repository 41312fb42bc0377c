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
  /**
   * Of the line that names no trace: what was logged around it by the same one of what it names. Absent where it names
   * none of them.
   */
  readonly around?: Whereabouts & { readonly by: LoggedBy; readonly logs: ReadLines };
}

type LoggedBy = "service" | "pod" | "host";

/** What was looked for around a line that names no trace, or why nothing was; one sentence. */
export const aroundSaid = (around: LogView["around"]): string =>
  around === undefined
    ? "It names no trace, and no service, pod or host either: what was logged around it was not looked for."
    : `It names no trace: the lines of the same ${around.by} around it were looked for.`;

/** Reads a log line, with its trace when it has one, else with the lines around it; secrets scrubbed. */
export async function viewLog(id: LogId, lookUp: LookUp): Promise<LogView> {
  const { sources, scrub } = lookUp;
  const found = await ask("log line", sources.logs, (source, signal) => source.line(id, signal), lookUp);
  const line = found.state === "read" ? found.reading.line : undefined;
  // whoever asks knows the id
  const view = { id, line: scrubbed(found, remembering(scrub)) };
  if (line === undefined) return view;
  if (line.traceId !== undefined) return { ...view, trace: await viewTrace(line.traceId, lookUp) };
  const by = BY.find((one) => line[one] !== undefined);
  return by === undefined ? view : { ...view, around: { by, ...(await viewAround(line, lookUp)) } };
}

/** In the order in which a source takes them. */
const BY: readonly LoggedBy[] = ["service", "pod", "host"];

async function viewAround(line: LogLine, lookUp: LookUp): Promise<Whereabouts & { readonly logs: ReadLines }> {
  const [logs, found] = await Promise.all([
    ask("logs around", lookUp.sources.logs, (source, signal) => source.around(line, signal), lookUp),
    whereabouts(placeOf([], [line], Date.now()), lookUp),
  ]);
  return { logs: scrubbed(logs, remembering(lookUp.scrub)), ...found };
}

/** Whether there is such a line, or may be in a source that could not be read. */
export const isKnownLine = ({ line }: LogView): boolean =>
  line.state === "down" || (line.state === "read" && line.reading.line !== undefined);
