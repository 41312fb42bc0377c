import type { BundleQuestion, EvidenceSignal, Readings } from "../../core/evidence.ts";
import type { ChangeReading, LogReading, MetricReading, TraceReading } from "../../core/telemetry.ts";
import type { Steps } from "../../lib/steps.ts";
import { rankChanges } from "./changes.ts";
import { isWithoutBaseline, newsOf, type News } from "./failures.ts";
import { rankFieldValues, SELECTED } from "./field-values.ts";
import type { Finding } from "./finding.ts";
import { rankLogs } from "./logs.ts";
import { rankMetrics } from "./metrics.ts";
import { mergeDeploys } from "./one-deploy.ts";
import type { LookedAt } from "./said.ts";
import { rankTraces } from "./traces.ts";
import { counted, number } from "../../lib/words.ts";

/** What was found in a signal that was read. */
export interface Looked {
  readonly findings: readonly Finding[];
  readonly lookedAt: LookedAt;
  readonly notes: readonly string[];
}

/** Looks at one signal; undefined where it was not read. */
export function* lookAt(
  signal: EvidenceSignal,
  readings: Readings,
  question: BundleQuestion,
): Steps<Looked | undefined> {
  const { logs, traces, metrics, changes } = readings;
  switch (signal) {
    case "changes":
      return changes.state === "read" ? lookAtChanges(changes.reading, question) : undefined;
    case "logs":
      return logs.state === "read" ? yield* lookAtLogs(logs.reading, question) : undefined;
    case "log_fields":
      return logs.state === "read"
        ? lookAtFields(signal, logs.reading, logs.reading.fields, newsOf(readings, signal, question))
        : undefined;
    case "traces":
      return traces.state === "read" ? lookAtTraces(traces.reading, question) : undefined;
    case "trace_attributes":
      return traces.state === "read"
        ? lookAtFields(signal, traces.reading, traces.reading.attributes, newsOf(readings, signal, question))
        : undefined;
    case "metrics":
      return metrics.state === "read" ? yield* lookAtMetrics(metrics.reading, question) : undefined;
  }
}

function lookAtChanges(reading: ChangeReading, question: BundleQuestion): Looked {
  const changes = mergeDeploys(reading.changes);
  return {
    findings: rankChanges(changes, question),
    lookedAt: {
      count: changes.length,
      one: "change",
      nothing: "no change was told for window and baseline",
      incomplete: reading.incomplete,
    },
    notes: reading.notes,
  };
}

function* lookAtLogs(reading: LogReading, question: BundleQuestion): Steps<Looked> {
  const { findings, patterns, upheavals } = yield* rankLogs(reading, question);
  const { window, baseline, histogram } = reading;
  const [taken, of] = [window.lines.length + baseline.lines.length, window.total + baseline.total];
  const isExact = window.isExact && baseline.isExact;
  const isPart = taken < of || !isExact;
  return {
    findings,
    lookedAt: {
      count: patterns + upheavals,
      one: "pattern",
      ...(upheavals > 0 && { many: "patterns and logs" }),
      nothing: "no line of these things was found in window and baseline",
      ...(window.lines.length > 0 && baseline.total === 0 && { noBaseline: withoutLinesBefore(histogram, question) }),
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

/** How many lines failed is worth knowing also where nobody knows how many usually do. */
function withoutLinesBefore(histogram: LogReading["histogram"], { window }: BundleQuestion): string {
  const failed = histogram.filter(({ at }) => at >= window.from).reduce((sum, slice) => sum + slice.failed, 0);
  return `the time before has no lines${failed > 0 ? `, the window ${counted(failed, "line")} of failures` : ""}`;
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
  news: News,
): Looked {
  const what = signal === "log_fields" ? "lines" : "spans";
  const { comparison } = reading;
  const found = rankFieldValues({ signal, comparison, fields, isNews: news.isNews });
  const sample = "sample" in reading ? reading.sample : undefined;
  const incomplete = reading.comparisonIncomplete ?? unreadOf(reading);
  const remark =
    news.isNews || !news.isKnown || found.values === 0 || incomplete !== undefined
      ? undefined
      : `there are not so many more ${SELECTED[comparison][signal]} than usual that it would stand out`;
  return {
    findings: found.findings,
    lookedAt: {
      count: found.values,
      one: "value",
      nothing: `no ${SELECTED[comparison][signal]} with fields to compare were found`,
      ...(remark !== undefined && { remark }),
      ...(sample !== undefined && { sample }),
      notAsked: reading.notAsked,
      ...(!news.isKnown && found.values > 0 && { noBaseline: `the time before has no ${what}` }),
      incomplete,
    },
    // those of the reading are told with its lines or traces
    notes: [],
  };
}

function lookAtTraces(reading: TraceReading, question: BundleQuestion): Looked {
  const { sample, services } = reading;
  const count = services.length + reading.failed.length + reading.slow.length;
  return {
    findings: rankTraces(reading, question),
    lookedAt: {
      count,
      one: "service or trace",
      many: "services and traces",
      nothing: "no span of these services was found in window and baseline",
      ...(isWithoutBaseline(reading) && { noBaseline: withoutSpansBefore(services) }),
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

function withoutSpansBefore(services: TraceReading["services"]): string {
  const [failed, spans] = [
    services.reduce((sum, { window }) => sum + window.failed, 0),
    services.reduce((sum, { window }) => sum + window.spans, 0),
  ];
  return `the time before has no spans${failed > 0 ? `, and of ${number(spans)} in the window ${number(failed)} failed` : ""}`;
}

function* lookAtMetrics(reading: MetricReading, question: BundleQuestion): Steps<Looked> {
  const { findings, judged, unjudged } = yield* rankMetrics(reading, question);
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
      ...(judged === 0 &&
        unjudged > 0 && {
          noBaseline: `${counted(unjudged, "series", "series")} ${unjudged === 1 ? "has" : "have"} too few points before`,
        }),
      ...(taken < reading.of && {
        remark: `${number(taken)} of ${number(reading.of)} series were read`,
        sample: { taken, of: reading.of },
      }),
      notAsked: reading.notAsked,
      incomplete: reading.incomplete,
    },
    notes: reading.notes,
  };
}
