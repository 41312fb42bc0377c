import type { CollectReason } from "./errors.ts";
import type { Finding } from "./pack.ts";

/** A span of time in Unix milliseconds, its end not included. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * What telemetry is asked for by. A line or span belongs when its service, pod or host is one of those named; when none
 * is named, each one of the namespaces. With `namespaces` its namespace must be one of them, or not be known.
 */
export interface TelemetryFilter {
  readonly services: readonly string[];
  readonly namespaces: readonly string[];
  readonly pods: readonly string[];
  readonly hosts: readonly string[];
}

/** A request that was made, to be shown and made again: `body` is JSON as it was sent. No header, no secret. */
export interface StoredQuery {
  /** One of `elasticsearch`, `tempo`, `jaeger`, `prometheus`, `watchkeeper`. */
  readonly source: string;
  /** What it was for, such as `lines of the window`. */
  readonly purpose: string;
  readonly method: "GET" | "POST";
  /** Path and query from the root of the source. */
  readonly path: string;
  readonly body?: string;
}

/** What every reading of a source tells besides what it read. */
export interface ReadingNotes {
  /**
   * What could not be seen, in sentences for people: shards that failed, fields that no index has, a range that was
   * cut.
   */
  readonly notes: readonly string[];
  readonly queries: readonly StoredQuery[];
  /** Nothing was asked, in a sentence that says why: that nothing was found says nothing then. */
  readonly notAsked?: string;
  /**
   * What failed without which nobody can say that nothing stands out, such as `counts of spans could not be read: ...`.
   * What was read counts all the same.
   */
  readonly incomplete?: string;
}

/** Levels of log lines, the worst first; what is written otherwise is mapped to one of them. */
export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a log. All texts are hostile: whoever can make a service log something chooses them. */
export interface LogLine {
  /** Unix milliseconds. */
  readonly at: number;
  /** At most 8 KiB; a longer one is cut off. May hold line breaks. */
  readonly message: string;
  /** Absent when the line says none, or one that is not known. */
  readonly level?: LogLevel;
  readonly service?: string;
  readonly pod?: string;
  readonly host?: string;
  /** 32 and 16 hexadecimal digits in lower case. */
  readonly traceId?: string;
  readonly spanId?: string;
}

/** Lines of one window. */
export interface LogSample {
  /** How many there are; at least so many when `isExact` is false. */
  readonly total: number;
  readonly isExact: boolean;
  /** Those that were read, in the order of time; the same ones each time that the same is asked. */
  readonly lines: readonly LogLine[];
}

/**
 * How often each value of a field occurs among what is looked at (`selection`) and what it is compared with
 * (`background`).
 */
export interface FieldCounts {
  /** As its source names it, such as `kubernetes.pod.name` or `resource.service.version`. */
  readonly field: string;
  /** Documents or spans, with or without the field. */
  readonly selectionTotal: number;
  readonly backgroundTotal: number;
  /** How many values the field has, as far as it is known: ids have nearly as many as documents. */
  readonly distinct?: number;
  readonly values: readonly { readonly value: string; readonly selection: number; readonly background: number }[];
}

/** What was compared in {@link FieldCounts}. */
export type FieldComparison =
  /** What failed in the window, with everything else in window and baseline. */
  | "failed"
  /** What was slow in the window, with everything else in it. */
  | "slow"
  /** The window with the baseline. */
  | "window";

/** What a source of logs is asked. */
export interface LogQuestion {
  readonly filter: TelemetryFilter;
  readonly window: TimeWindow;
  /** Ends where the window begins, or earlier. */
  readonly baseline: TimeWindow;
  /** Most lines to read, of the window and of the baseline each. */
  readonly lines: number;
  /** Chooses the lines when there are more; the same seed chooses the same ones. */
  readonly seed: number;
}

/**
 * The names of the fields by which lines are found and read, by what they mean; several where indices name it
 * differently.
 */
export type LogNames = Readonly<
  Partial<Record<"timestamp" | "message" | "service" | "namespace" | "pod" | "host", readonly string[]>>
>;

/** What a source of logs answers. */
export interface LogReading extends ReadingNotes {
  readonly window: LogSample;
  readonly baseline: LogSample;
  /**
   * Counts over the time from the baseline's beginning to the window's end; empty where there is nothing. Unix
   * milliseconds.
   */
  readonly histogram: readonly { readonly at: number; readonly lines: number; readonly failed: number }[];
  readonly comparison: FieldComparison;
  readonly fields: readonly FieldCounts[];
  /** As `incomplete`, of `fields` alone. */
  readonly comparisonIncomplete?: string;
  /** For links; absent where none are known. */
  readonly names?: LogNames;
}

/** Which document of a log: Elasticsearch's `_id`, and its index where one of several is meant. */
export interface LogId {
  readonly id: string;
  readonly index?: string;
}

/** A source of logs. Rejects with `CollectError`. */
export interface LogSource {
  read(question: LogQuestion, signal: AbortSignal): Promise<LogReading>;
  /** The lines of one trace, at most 500, in the order of time. */
  ofTrace(traceId: string, signal: AbortSignal): Promise<ReadingNotes & { readonly lines: readonly LogLine[] }>;
  /** The line of an id; undefined when there is none. */
  line(id: LogId, signal: AbortSignal): Promise<ReadingNotes & { readonly line: LogLine | undefined }>;
  /**
   * The lines of its service, else of its pod or host, around one, that one included: at most 100, in the order of
   * time.
   */
  around(line: LogLine, signal: AbortSignal): Promise<ReadingNotes & { readonly lines: readonly LogLine[] }>;
  /** Looks whether it can be read, and what each missing permission or field hides. */
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** A trace in a list. */
export interface TraceSummary {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string;
  /** Absent while the root has not arrived. */
  readonly rootService?: string;
  readonly rootName?: string;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly durationMs: number;
  /** Spans that failed, where the source counts them. */
  readonly failedSpans?: number;
  /** Services with spans in it that failed, where the source tells them. */
  readonly failedServices?: readonly string[];
}

/** One span of a trace. */
export interface TraceSpan {
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly parentId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer" | "unspecified";
  /** Unix milliseconds, with fractions. */
  readonly startsAt: number;
  readonly durationMs: number;
  readonly status: "ok" | "error" | "unset";
  readonly statusMessage?: string;
  /** Of the span and its resource, each text at most 1 KiB. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly events: readonly {
    readonly at: number;
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
}

/** A whole trace. */
export interface Trace {
  readonly traceId: string;
  /** In the order of their beginnings; each span once. */
  readonly spans: readonly TraceSpan[];
  /** What is missing of it and why, as the source says it. */
  readonly notes: readonly string[];
}

/** Spans of one service. */
export interface ServiceSpans {
  readonly service: string;
  readonly window: SpanCounts;
  readonly baseline: SpanCounts;
}

/** How many spans there are, how many failed, and how long the slowest twentieth takes at least. */
export interface SpanCounts {
  readonly spans: number;
  readonly failed: number;
  readonly p95Ms?: number;
}

/** What a source of traces is asked. */
export interface TraceQuestion {
  readonly filter: TelemetryFilter;
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
  /** Most traces to name of each kind. */
  readonly traces: number;
}

/** What a source of traces answers. */
export interface TraceReading extends ReadingNotes {
  /** The worst first. */
  readonly failed: readonly TraceSummary[];
  /** Those that took longer than nearly all of the baseline; the slowest first. */
  readonly slow: readonly TraceSummary[];
  /** Entry spans (of kind server and consumer) of the services asked for and of those they call. */
  readonly services: readonly ServiceSpans[];
  /** How the counts came about: of all spans, or of so many that were looked at. */
  readonly sample?: { readonly taken: number; readonly of: number | undefined };
  readonly comparison: FieldComparison;
  readonly attributes: readonly FieldCounts[];
  /** What was looked at in `attributes`, as one condition of TraceQL; absent where the source does not speak it. */
  readonly selection?: string;
  /** As `incomplete`, of `attributes` alone. */
  readonly comparisonIncomplete?: string;
}

/** A source of traces. Rejects with `CollectError`. */
export interface TraceSource {
  readonly kind: "tempo" | "jaeger";
  read(question: TraceQuestion, signal: AbortSignal): Promise<TraceReading>;
  /** Undefined when it has none of this id. `traceId` is 1 to 32 hexadecimal digits. */
  trace(traceId: string, signal: AbortSignal): Promise<Trace | undefined>;
  /** Services that call the one, or that it calls, as the traces of the window tell it. */
  neighbours(
    service: string,
    window: TimeWindow,
    signal: AbortSignal,
  ): Promise<ReadingNotes & { readonly calls: readonly string[]; readonly calledBy: readonly string[] }>;
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Points of one series: Unix milliseconds and value, in the order of time, without those that are no number. */
export type Points = readonly (readonly [at: number, value: number])[];

/** One series to be judged. */
export interface MetricSeries {
  /** Name of the metric. */
  readonly metric: string;
  /** What was asked, ready to be pasted into Prometheus, with this series' labels as matchers. */
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stepMs: number;
  readonly window: Points;
  /** The time before the window. */
  readonly before: Points;
  /** The time of the window a day and a week earlier, moved to the window's time; empty where nothing is kept of it. */
  readonly yesterday: Points;
  readonly lastWeek: Points;
}

/** What a source of metrics is asked. */
export interface MetricQuestion {
  /**
   * Sets of labels: a series belongs when it has all labels of one of them; an empty value means without that label.
   */
  readonly subjects: readonly Readonly<Record<string, string>>[];
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
  /** Most series to read. */
  readonly series: number;
}

/** A measured value that names a trace. */
export interface Exemplar {
  readonly traceId: string;
  readonly at: number;
  readonly value: number;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a source of metrics answers. */
export interface MetricReading extends ReadingNotes {
  readonly series: readonly MetricSeries[];
  /** How many series there are, those that were not read included. */
  readonly of: number;
  /** The greatest values first. */
  readonly exemplars: readonly Exemplar[];
}

/** A source of metrics. Rejects with `CollectError`. */
export interface MetricSource {
  read(question: MetricQuestion, signal: AbortSignal): Promise<MetricReading>;
  /** Label sets of the series that a selector gives at a time (Unix milliseconds). */
  labelsAt(selector: string, at: number, signal: AbortSignal): Promise<readonly Readonly<Record<string, string>>[]>;
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** What kinds of changes are told. */
export const CHANGE_KINDS = ["deploy", "config", "certificate", "migration", "restart", "alert", "other"] as const;

/** One of {@link CHANGE_KINDS}. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Something that somebody or something changed. */
export interface Change {
  readonly kind: ChangeKind;
  /** Unix milliseconds; of one that was seen between two samples, the later one. */
  readonly at: number;
  /** One line, such as `shop: version 2.3.1 -> 2.4.0`. */
  readonly title: string;
  /** What it is about, such as `service` and `namespace`; compared with the scope. */
  readonly labels: Readonly<Record<string, string>>;
  /** Who says so: `api`, `prometheus`, `alerts`. */
  readonly source: string;
  /** An `http` or `https` URL. */
  readonly link?: string;
}

/** What a source of changes answers. */
export interface ChangeReading extends ReadingNotes {
  readonly changes: readonly Change[];
}

/** Where changes are told. Rejects with `CollectError`. */
export interface ChangeSource {
  readonly name: string;
  /** `names` of what is looked at: of too many changes those with such a label are kept first. */
  read(window: TimeWindow, signal: AbortSignal, names?: ReadonlySet<string>): Promise<ChangeReading>;
}

/** What came of asking a source. */
export type Outcome<Reading> =
  | { readonly state: "read"; readonly reading: Reading; readonly tookMs: number }
  | { readonly state: "down"; readonly reason: CollectReason; readonly message: string; readonly tookMs: number }
  | { readonly state: "not_configured" };
