import type { EntityKind } from "./entity-kinds.ts";
import type { TextMap } from "./notification.ts";
import type {
  Change,
  ChangeReading,
  Exemplar,
  FieldComparison,
  LogLevel,
  LogReading,
  MetricReading,
  Outcome,
  Points,
  StoredQuery,
  TelemetryFilter,
  TimeWindow,
  Trace,
  TraceReading,
  TraceSummary,
} from "./telemetry.ts";

/** Something that an alert is about, or that stands beside it. */
export interface Entity {
  readonly kind: EntityKind;
  readonly name: string;
  /** 0 is named by the alert itself; each step away counts one. */
  readonly distance: number;
  /** Why it belongs, such as `named by the label service` or `the guest db runs on it`. */
  readonly because: string;
  /**
   * Labels that find its metrics, such as `{ target: "homelab", node: "pve1" }`; an empty value means without that
   * label.
   */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Other labels that find metrics of it, where they are spelled in several ways, such as
   * `{ target: "homelab", id: "node/pve1" }`.
   */
  readonly also?: readonly Readonly<Record<string, string>>[];
}

/** What is looked at. */
export interface Scope {
  /** The nearest first; each once. */
  readonly entities: readonly Entity[];
  readonly filter: TelemetryFilter;
  /** What could not be found out about neighbours, in sentences. */
  readonly notes: readonly string[];
}

/**
 * One question whose answer is a bundle. Everything that decides the answer is in it, so that it can be asked again.
 */
export interface BundleQuestion {
  /** The alert that is asked about; absent when a service was named. */
  readonly alert?: {
    readonly groupId: string;
    readonly fingerprint: string;
    readonly name: string;
    readonly labels: TextMap;
    readonly startsAt: number;
    /** By its sender's clock, where that is ahead. */
    readonly saidToStartAt?: number;
  };
  readonly scope: Scope;
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
  readonly limits: {
    /** Lines of the window and of the baseline each. */
    readonly lines: number;
    readonly series: number;
    readonly traces: number;
  };
  readonly seed: number;
  /** Other alerts that were known when it was first asked; absent where they could not be read. */
  readonly otherAlerts?: { readonly changes: readonly Change[]; readonly notes: readonly string[] };
}

/** The signals of a bundle, in the order in which they are shown. */
export const EVIDENCE_SIGNALS = ["changes", "logs", "log_fields", "traces", "trace_attributes", "metrics"] as const;

/** One of {@link EVIDENCE_SIGNALS}. */
export type EvidenceSignal = (typeof EVIDENCE_SIGNALS)[number];

/**
 * What is to be thought of a signal. `significant`: something stands out. `nothing_significant`: it was read, and
 * nothing does. `no_baseline`: it was read, and the time before has nothing that it could be compared with. `no_data`:
 * it was read, and there is nothing, or nothing was asked. `source_down`: it could not be read, or only in part and
 * nothing stands out in that. `not_configured`: there is none.
 */
export const VERDICTS = [
  "significant",
  "nothing_significant",
  "no_baseline",
  "no_data",
  "source_down",
  "not_configured",
] as const;

/** One of {@link VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number];

/** How strong a piece of evidence is; `docs/evidence.md` explains each statistic. */
export interface EvidenceNumbers {
  /**
   * `g2`: log-likelihood ratio; `exceedance_ks`: tail exceedance times Kolmogorov-Smirnov distance; `proximity`:
   * nearness in time and scope; `duration`: times the baseline's p95; `none`: an example, whose `value` is 0.
   */
  readonly statistic: "g2" | "exceedance_ks" | "proximity" | "duration" | "none";
  readonly value: number;
  /**
   * Chance of such a value where nothing happened, after the correction for how many were looked at; absent where none
   * is known.
   */
  readonly pValue?: number;
  /**
   * How often it occurs in what is looked at, and among how many: in the window, or in what failed or was slow in it.
   */
  readonly selection?: { readonly count: number; readonly of: number };
  /** The same of what that is compared with: the baseline, or all the rest. */
  readonly background?: { readonly count: number; readonly of: number };
}

/** What a piece of evidence is, by its signal. */
export type EvidenceDetail =
  | {
      readonly kind: "log_pattern";
      /** Words with `<*>` where lines differ. */
      readonly template: string;
      /** One of its lines, secrets scrubbed. */
      readonly sample: string;
      readonly level?: LogLevel;
      /** Unix milliseconds; of the lines that were read. */
      readonly firstSeenAt: number;
      /** No line of the baseline has it, and all of them were read. */
      readonly isNew: boolean;
      readonly services: readonly string[];
      /** A trace of one of its lines. */
      readonly traceId?: string;
    }
  | {
      readonly kind: "field_value";
      readonly field: string;
      readonly value: string;
      readonly comparison: FieldComparison;
    }
  | {
      readonly kind: "metric";
      readonly metric: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly window: Points;
      readonly before: Points;
      readonly yesterday: Points;
      readonly lastWeek: Points;
    }
  | { readonly kind: "trace"; readonly trace: TraceSummary; readonly why: "failed" | "slow" }
  | { readonly kind: "exemplar"; readonly exemplar: Exemplar }
  | {
      readonly kind: "service";
      readonly service: string;
      /**
       * `fell_silent`, `grew`: it has far fewer or far more lines (of the logs) or requests (of the traces) than
       * before.
       */
      readonly what: "fails" | "is_slow" | "fell_silent" | "grew";
      /** Milliseconds, of what is slow. */
      readonly p95Ms?: { readonly window: number; readonly baseline: number };
    }
  | { readonly kind: "change"; readonly change: Change };

/** One piece of evidence. */
export interface EvidenceItem {
  /** Same for the same finding in a bundle that is made again, such as `logs-3f2a`. */
  readonly id: string;
  readonly signal: EvidenceSignal;
  /** One line for a phone, scrubbed and clipped to 200 characters. */
  readonly title: string;
  /** From 0 to 1, comparable between signals: by it they are ranked. */
  readonly score: number;
  /** It stands out: unlikely by chance, and large enough to matter. */
  readonly isSignificant: boolean;
  readonly numbers: EvidenceNumbers;
  readonly detail: EvidenceDetail;
  /** What finds the same when it is pasted where its source is asked: TraceQL, of attributes of spans. */
  readonly query?: string;
  /** Where a person sees the same in Grafana, Kibana, Prometheus or Watchkeeper. */
  readonly link?: string;
}

/** What was found in one signal. */
export interface SignalReport {
  readonly signal: EvidenceSignal;
  readonly verdict: Verdict;
  /**
   * One sentence for people that says why, with counts:
   * `3 of 214 patterns stand out; 10,000 of 240,113 lines were read`.
   */
  readonly said: string;
  /** Not everything was looked at: `taken` of `of`, where that is known. */
  readonly sample?: { readonly taken: number; readonly of: number | undefined };
  /** The best first. */
  readonly items: readonly EvidenceItem[];
  readonly notes: readonly string[];
}

/** What the sources answered. */
export interface Readings {
  readonly logs: Outcome<LogReading>;
  readonly traces: Outcome<TraceReading>;
  readonly metrics: Outcome<MetricReading>;
  readonly changes: Outcome<ChangeReading>;
}

/** The evidence for one question. A plain document; kept, shown, and made again from `question`. */
export interface Bundle {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly tookMs: number;
  readonly question: BundleQuestion;
  readonly reports: readonly SignalReport[];
  /** Ids of the items of all signals that stand out, the best first: what a person should look at. At most 10. */
  readonly top: readonly string[];
  readonly queries: readonly StoredQuery[];
  /** The trace of the best item that names one, secrets scrubbed; at most 300 spans. */
  readonly trace?: Trace;
  /** Lines and failures over time, for the chart. */
  readonly histogram: LogReading["histogram"];
  /** It is not in the store, and can not be looked at again: one sentence that says why. */
  readonly notKept?: string;
}

/** What a group of alerts keeps of its evidence, to be told in messages. */
export interface GroupEvidence {
  readonly bundleId: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** Plain lines, scrubbed; at most 8 of at most 200 characters. */
  readonly lines: readonly string[];
  /** Nothing stands out: shown where a message is edited anyway, and worth no message of its own. */
  readonly foundNothing?: true;
  /** The bundle is not in the store, so that no link leads to it. */
  readonly isNotKept?: true;
  /** How many signals could not be read; absent is 0. */
  readonly unseen?: number;
  /** Fingerprint of the alert that it is about. */
  readonly about?: string;
}
