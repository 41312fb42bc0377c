import type { BundleQuestion, Readings } from "../core/evidence.ts";
import type {
  ChangeReading,
  ChangeSource,
  LogReading,
  LogSource,
  MetricReading,
  MetricSource,
  Outcome,
  TelemetryFilter,
  TimeWindow,
  TraceReading,
  TraceSource,
} from "../core/telemetry.ts";
import { ask, type AskOptions } from "./ask.ts";

/** Where evidence is looked for; what is absent is not configured. */
export interface EvidenceSources {
  readonly logs?: LogSource | undefined;
  readonly traces?: TraceSource | undefined;
  readonly metrics?: MetricSource | undefined;
  readonly changes: readonly ChangeSource[];
}

/** Changes from before the window may be its cause: from this long before it, as a share of the baseline. */
const CHANGES_BEFORE = 1;

const NOTHING_TO_ASK = "nothing was asked: the alert names no service, pod, host or namespace (see `evidence.labels`)";

/** Asks every source at once. Never fails: a source that does is told as down, and the others are read. */
export async function gather(
  question: BundleQuestion,
  sources: EvidenceSources,
  options: AskOptions,
): Promise<Readings> {
  const { scope, window, baseline, limits, seed } = question;
  const { filter } = scope;
  const asksNothing = isEmpty(filter);
  const subjects = scope.entities
    .flatMap(({ labels, also = [] }) => [labels, ...also])
    .filter((labels) => Object.keys(labels).length > 0);
  const [logs, traces, metrics, changes] = await Promise.all([
    ask(
      "logs",
      sources.logs,
      (source, signal) =>
        asksNothing
          ? Promise.resolve(NO_LOGS)
          : source.read({ filter, window, baseline, lines: limits.lines, seed }, signal),
      options,
    ),
    ask(
      "traces",
      sources.traces,
      (source, signal) =>
        filter.services.length === 0
          ? Promise.resolve(NO_TRACES)
          : source.read({ filter, window, baseline, traces: limits.traces }, signal),
      options,
    ),
    ask(
      "metrics",
      sources.metrics,
      (source, signal) =>
        subjects.length === 0
          ? Promise.resolve(NO_METRICS)
          : source.read({ subjects, window, baseline, series: limits.series }, signal),
      options,
    ),
    readChanges(question, sources.changes, options),
  ]);
  return { logs, traces, metrics, changes };
}

/** Whether a filter names nothing, which never means everything. */
const isEmpty = ({ services, namespaces, pods, hosts }: TelemetryFilter): boolean =>
  services.length + namespaces.length + pods.length + hosts.length === 0;

const NO_LOGS: LogReading = {
  window: { total: 0, isExact: true, lines: [] },
  baseline: { total: 0, isExact: true, lines: [] },
  histogram: [],
  comparison: "window",
  fields: [],
  notes: [],
  queries: [],
  notAsked: NOTHING_TO_ASK,
};

const NO_TRACES: TraceReading = {
  failed: [],
  slow: [],
  services: [],
  comparison: "failed",
  attributes: [],
  notes: [],
  queries: [],
  notAsked: "nothing was asked: the alert names no service (see `evidence.labels`)",
};

const NO_METRICS: MetricReading = {
  series: [],
  of: 0,
  exemplars: [],
  notes: [],
  queries: [],
  notAsked: NOTHING_TO_ASK,
};

/** When changes of a question's interest were made, and whose names they hold. */
export function changesSpan({ scope, window, baseline }: BundleQuestion): {
  readonly span: TimeWindow;
  readonly names: ReadonlySet<string>;
} {
  return {
    span: { from: window.from - CHANGES_BEFORE * (baseline.to - baseline.from), to: window.to },
    names: new Set(scope.entities.map(({ name }) => name)),
  };
}

/** The changes of all that tell some; down only when all of them are. */
async function readChanges(
  question: BundleQuestion,
  sources: readonly ChangeSource[],
  options: AskOptions,
): Promise<Outcome<ChangeReading>> {
  if (sources.length === 0) return { state: "not_configured" };
  const { span, names } = changesSpan(question);
  const outcomes = await Promise.all(
    sources.map(async (source) => ({
      name: source.name,
      outcome: await ask(`changes ${source.name}`, source, (one, signal) => one.read(span, signal, names), options),
    })),
  );
  const read = outcomes.flatMap(({ outcome }) => (outcome.state === "read" ? [outcome] : []));
  const down = outcomes.flatMap(({ name, outcome }) => (outcome.state === "down" ? [{ name, ...outcome }] : []));
  const [first] = down;
  if (read.length === 0 && first !== undefined) {
    const { name: _, ...outcome } = first;
    return outcome;
  }
  const unread = down.map(({ name, reason, message }) => `changes of ${name} could not be read: ${reason}: ${message}`);
  const incomplete = [...unread, ...read.flatMap(({ reading }) => reading.incomplete ?? [])];
  return {
    state: "read",
    tookMs: Math.max(0, ...outcomes.map(({ outcome }) => ("tookMs" in outcome ? outcome.tookMs : 0))),
    reading: {
      changes: read.flatMap(({ reading }) => reading.changes).toSorted((a, b) => a.at - b.at),
      notes: [...unread, ...read.flatMap(({ reading }) => reading.notes)],
      queries: read.flatMap(({ reading }) => reading.queries),
      ...(incomplete.length > 0 && { incomplete: incomplete.join("; ") }),
    },
  };
}
