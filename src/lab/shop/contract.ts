import type { EvidenceItem } from "../../core/evidence.ts";
import type { Change, Exemplar, LogLine, Points, TraceSpan } from "../../core/telemetry.ts";

/** What can happen to the shop. */
export const SHOP_FAULTS = [
  "error_burst",
  "latency_step",
  "bad_version",
  "bad_pod",
  "disk_full",
  "expired_certificate",
] as const;

/** One of {@link SHOP_FAULTS}. */
export type ShopFault = (typeof SHOP_FAULTS)[number];

/** How far two values of one series are apart, in milliseconds. */
export const SHOP_STEP_MS = 15_000;

/** A line of the shop's logs. Its message may be of 64 KiB, and hostile. */
export interface ShopLine extends LogLine {
  readonly service: string;
  readonly pod: string;
  readonly host: string;
  readonly namespace: string;
  readonly version: string;
  readonly zone: string;
  readonly address: string;
  readonly logger: string;
  /** Of lines about a request. */
  readonly method?: string;
  readonly route?: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly customer?: string;
  /** What was called, of lines about a call. */
  readonly peer?: string;
  readonly errorType?: string;
}

/** A span of the shop. */
export interface ShopSpan extends TraceSpan {
  readonly traceId: string;
  /** Attributes of the span alone; those of its resource are in `resource`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

/** One series; its labels without the metric's name. */
export interface ShopSeries {
  /** Of a histogram's series with `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: Points;
}

/** All series of one metric. */
export interface ShopFamily {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly series: readonly ShopSeries[];
}

/** What the shop says of itself over some time. */
export interface ShopTelemetry {
  /** In the order of time. */
  readonly lines: readonly ShopLine[];
  /** Of the requests that are traced, in the order of their beginnings. */
  readonly spans: readonly ShopSpan[];
  readonly families: readonly ShopFamily[];
  readonly exemplars: readonly Exemplar[];
  /** In the order of time. */
  readonly changes: readonly Change[];
}

/** A service of the shop, and how it stands to the others at the end of the time. */
export interface ShopService {
  readonly name: string;
  /** Services that it calls; databases and the like are not among them. */
  readonly calls: readonly string[];
  readonly calledBy: readonly string[];
  readonly pods: readonly { readonly name: string; readonly node: string; readonly version: string }[];
}

/** An alert that a person would be woken by. */
export interface ShopAlert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly startsAt: number;
}

/** Where a fault is, as far as it has such a place. */
export interface FaultPlace {
  readonly service?: string;
  readonly peer?: string;
  readonly pod?: string;
  readonly node?: string;
  readonly version?: string;
  /** Share of requests at the place that the fault meets, from 0 to 1. */
  readonly share: number;
}

/** The parts of a piece of evidence that name what it is. */
export type JudgedItem = Pick<EvidenceItem, "title" | "detail">;

/** A shop over some time. */
export interface Shop extends ShopTelemetry {
  readonly namespace: string;
  readonly services: readonly ShopService[];
  readonly fault: ShopFault | undefined;
  /** Undefined without a fault. */
  readonly place: FaultPlace | undefined;
  /** Of a quiet shop a false alarm. */
  readonly alert: ShopAlert;
  /** Whether the item names the true cause, not only a symptom of it; always false of a quiet shop. */
  causes(item: JudgedItem): boolean;
}
