import type { BundleQuestion, EvidenceSignal, Readings, SignalReport } from "../../core/evidence.ts";
import { EVIDENCE_SIGNALS } from "../../core/evidence.ts";
import type { LogReading, MetricReading, TraceReading } from "../../core/telemetry.ts";
import { rankChanges } from "./changes.ts";
import { corroborated } from "./corroborate.ts";
import { isNews } from "./failures.ts";
import { rankFieldValues } from "./field-values.ts";
import { byScore, type Finding } from "./finding.ts";
import { rankLogPatterns } from "./log-patterns.ts";
import { topOf } from "./merge.ts";
import { rankMetrics } from "./metrics.ts";
import { reportOf, reportWithout, type LookedAt } from "./said.ts";
import { rankTraces } from "./traces.ts";
import { counted, number } from "./words.ts";

/** What was found in a signal that was read. */
interface Looked {
  readonly findings: readonly Finding[];
  readonly lookedAt: LookedAt;
  readonly notes: readonly string[];
}

/** The source of each signal. */
const READ_IN: Readonly<Record<EvidenceSignal, keyof Readings>> = {
  changes: "changes",
  logs: "logs",
  log_fields: "logs",
  traces: "traces",
  trace_attributes: "traces",
  metrics: "metrics",
};

/**
 * Makes of what the sources answered what is to be thought of it: a report for each signal, in the order of
 * {@link EVIDENCE_SIGNALS}, and the ids of what a person should look at first. The same readings give the same answer.
 */
export function rankReadings(
  readings: Readings,
  question: BundleQuestion,
): { readonly reports: readonly SignalReport[]; readonly top: readonly string[] } {
  const looked = new Map(
    EVIDENCE_SIGNALS.flatMap((signal) => {
      const found = lookAt(signal, readings, question);
      return found === undefined ? [] : [[signal, found] as const];
    }),
  );
  const isBlind = [...looked].every(([signal, { lookedAt }]) => signal === "changes" || lookedAt.count === 0);
  const items = corroborated(
    [...looked.values()].flatMap(({ findings }) => findings),
    isBlind,
  ).toSorted(byScore);
  const reports = EVIDENCE_SIGNALS.map((signal) => {
    const found = looked.get(signal);
    const outcome = readings[READ_IN[signal]];
    if (outcome.state !== "read" || found === undefined)
      return reportWithout(signal, outcome.state === "read" ? { state: "not_configured" } : outcome);
    return reportOf(
      signal,
      items.filter((item) => item.signal === signal),
      found.lookedAt,
      found.notes,
    );
  });
  return { reports, top: topOf(reports.flatMap((report) => report.items)) };
}

function lookAt(signal: EvidenceSignal, readings: Readings, question: BundleQuestion): Looked | undefined {
  const { logs, traces, metrics, changes } = readings;
  switch (signal) {
    case "changes":
      return changes.state === "read" ? lookAtChanges(changes.reading, question) : undefined;
    case "logs":
      return logs.state === "read" ? lookAtLogs(logs.reading, question) : undefined;
    case "log_fields":
      return logs.state === "read"
        ? lookAtFields(signal, logs.reading, logs.reading.fields, isNews(readings, signal, question))
        : undefined;
    case "traces":
      return traces.state === "read" ? lookAtTraces(traces.reading) : undefined;
    case "trace_attributes":
      return traces.state === "read"
        ? lookAtFields(signal, traces.reading, traces.reading.attributes, isNews(readings, signal, question))
        : undefined;
    case "metrics":
      return metrics.state === "read" ? lookAtMetrics(metrics.reading, question) : undefined;
  }
}

function lookAtChanges(reading: Parameters<typeof rankChanges>[0], question: BundleQuestion): Looked {
  return {
    findings: rankChanges(reading, question),
    lookedAt: {
      count: reading.changes.length,
      one: "change",
      nothing: "no change was told for window and baseline",
      incomplete: reading.incomplete,
    },
    notes: reading.notes,
  };
}

function lookAtLogs(reading: LogReading, question: BundleQuestion): Looked {
  const { findings, patterns } = rankLogPatterns(reading, question);
  const { window, baseline } = reading;
  const [taken, of] = [window.lines.length + baseline.lines.length, window.total + baseline.total];
  const isExact = window.isExact && baseline.isExact;
  const isPart = taken < of || !isExact;
  return {
    findings,
    lookedAt: {
      count: patterns,
      one: "pattern",
      nothing: "no line of these things was found in window and baseline",
      ...(taken > 0 && {
        remark: isPart
          ? `${number(taken)} of ${isExact ? "" : "at least "}${number(of)} lines were read`
          : `all ${counted(taken, "line")} were read`,
      }),
      ...(isPart && { sample: { taken, of: isExact ? of : undefined } }),
      notAsked: reading.notAsked,
      incomplete: unreadOf(reading),
    },
    notes: reading.notes,
  };
}

/** What of a reading is missing. That no line was found says nothing where not all were searched. */
function unreadOf(reading: LogReading | TraceReading): string | undefined {
  if (reading.incomplete !== undefined || !("window" in reading)) return reading.incomplete;
  const sides = [reading.window, reading.baseline];
  const isBlind = sides.some(({ isExact }) => !isExact) && sides.every(({ total }) => total === 0);
  return isBlind ? "no line was found, but not all of them could be searched" : undefined;
}

function lookAtFields(
  signal: "log_fields" | "trace_attributes",
  reading: LogReading | TraceReading,
  fields: LogReading["fields"],
  news: boolean,
): Looked {
  const what = signal === "log_fields" ? "lines" : "spans";
  const { comparison } = reading;
  const found = rankFieldValues({ signal, what, comparison, fields, isNews: news });
  const sample = "sample" in reading ? reading.sample : undefined;
  const asked = { failed: `no failed ${what}`, slow: `no slow ${what}`, window: `no ${what}` }[comparison];
  const incomplete = reading.comparisonIncomplete ?? unreadOf(reading);
  const remark =
    news || found.values === 0 || incomplete !== undefined
      ? undefined
      : `${comparison === "slow" ? "slow" : "failed"} ${what} did not become more`;
  return {
    findings: found.findings,
    lookedAt: {
      count: found.values,
      one: "value",
      nothing: `${asked} with fields to compare were found`,
      ...(remark !== undefined && { remark }),
      ...(sample !== undefined && { sample }),
      notAsked: reading.notAsked,
      incomplete,
    },
    // those of the reading are told with its lines or traces
    notes: [],
  };
}

function lookAtTraces(reading: TraceReading): Looked {
  const { sample, services } = reading;
  const count = services.length + reading.failed.length + reading.slow.length;
  return {
    findings: rankTraces(reading),
    lookedAt: {
      count,
      one: "service or trace",
      many: "services and traces",
      nothing: "no span of these services was found in window and baseline",
      ...(sample !== undefined && {
        remark: `${number(sample.taken)} of ${sample.of === undefined ? "an unknown number of" : number(sample.of)} traces were looked at`,
        sample,
      }),
      notAsked: reading.notAsked,
      incomplete: reading.incomplete,
    },
    notes: reading.notes,
  };
}

function lookAtMetrics(reading: MetricReading, question: BundleQuestion): Looked {
  const { findings, judged } = rankMetrics(reading, question);
  const taken = reading.series.length;
  return {
    findings,
    lookedAt: {
      count: judged,
      one: "series",
      many: "series",
      nothing:
        taken === 0
          ? "no series of these things was found"
          : `${counted(taken, "series", "series")} ${taken === 1 ? "has" : "have"} too few points to be judged`,
      ...(taken < reading.of && {
        remark: `${number(taken)} of ${number(reading.of)} series were read`,
        sample: { taken, of: reading.of },
      }),
      notAsked: reading.notAsked,
    },
    notes: reading.notes,
  };
}
