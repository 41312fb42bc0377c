import { formatDuration, seconds, type Duration } from "./duration.ts";
import type { Unit } from "./metric.ts";
import type { Vector } from "./promql.ts";

/** How soon somebody must act: `critical` pages, `warning` waits for working hours, `info` is for reading. */
export type Severity = "critical" | "warning" | "info";

/** Prometheus' template text for the alert's labels and value, such as `{{ $labels.node }}`. */
export interface AlertText<L extends string> {
  readonly label: Readonly<Record<L, string>>;
  /** The value as a whole number. */
  readonly value: string;
  /** The value as a duration in words; for seconds. */
  readonly duration: string;
  /** The value as a percentage; for ratios. */
  readonly percentage: string;
  /** The alert's threshold as people read it, such as `30d`, `85%` or `500`; empty when it has none. */
  readonly threshold: string;
}

/** Units that a threshold may have: those in which more or less of something can be asked for. */
export type ThresholdUnit = Exclude<Unit, "timestamp" | "boolean">;

/** The number that an alert compares with; users may override it in the configuration. */
export interface Threshold {
  readonly value: number;
  readonly unit: ThresholdUnit;
  /** What is compared with it, as a phrase: "share of the storage that is used". */
  readonly help: string;
}

/** One alert: fires for each series of `when` that lasts for `for`. */
export interface Alert<L extends string> {
  /** UpperCamelCase, begins with the system's name; also the file name of its runbook. */
  readonly name: string;
  readonly severity: Severity;
  readonly when: Vector<L>;
  readonly for: Duration;
  /** Keeps firing this long after the condition ended, so that a flapping condition is one alert. */
  readonly keepFiringFor?: Duration;
  /** Absent when the condition has no one number. */
  readonly threshold?: Threshold;
  /** The condition with another threshold; exists exactly when {@link threshold} does. */
  readonly whenAt?: (threshold: number) => Vector<L>;
  /** One line for a phone: what is wrong and where. */
  summary(text: AlertText<L>): string;
  /** What it means for the users of the system, and what to look at first. */
  description(text: AlertText<L>): string;
}

type AlertBody<L extends string> = Omit<Alert<L>, "when" | "threshold" | "whenAt">;

/** Declares an alert whose labels follow from the expression; with a threshold, `when` is a function of it. */
export function alert<L extends string>(
  of: AlertBody<L> &
    (
      | { readonly when: Vector<L>; readonly threshold?: undefined }
      | { readonly when: (threshold: number) => Vector<L>; readonly threshold: Threshold }
    ),
): Alert<string> {
  if (of.threshold === undefined) {
    const { threshold: _, ...rest } = of;
    return rest;
  }
  return { ...of, when: of.when(of.threshold.value), whenAt: of.when };
}

/** What somebody wants otherwise of an alert; what is absent stays as the pack says. */
export interface AlertOverride {
  /** Whether there is a rule for it at all. */
  readonly enabled?: boolean | undefined;
  readonly severity?: Severity | undefined;
  /** In the unit of the alert's {@link Threshold}; without meaning for an alert that has none. */
  readonly threshold?: number | undefined;
  readonly for?: Duration | undefined;
  /** 0 stands for none. */
  readonly keepFiringFor?: Duration | undefined;
}

/** Overrides by the alert's name. */
export type AlertOverrides = Readonly<Record<string, AlertOverride | undefined>>;

/** The alert as somebody wants it; `enabled` is for the caller. */
export function withOverride(of: Alert<string>, by: AlertOverride = {}): Alert<string> {
  const { severity = of.severity, for: lasting = of.for, keepFiringFor = of.keepFiringFor, threshold: value } = by;
  const isMoved = value !== undefined && of.threshold !== undefined && of.whenAt !== undefined;
  return {
    ...of,
    severity,
    for: lasting,
    ...(keepFiringFor !== undefined && { keepFiringFor }),
    ...(isMoved && { threshold: { ...of.threshold, value }, when: of.whenAt(value) }),
  };
}

/** A threshold as it is written in the configuration: a duration for seconds, else a number; a fraction is rounded. */
export function printThreshold({ value, unit }: Threshold): string {
  const duration = seconds(value);
  return unit === "seconds" && Number.isInteger(duration) && duration >= 0 ? formatDuration(duration) : short(value);
}

/** Only what is below 1,000 is rounded, to four digits. */
const short = (value: number): string =>
  String(Number.isInteger(value) || Math.abs(value) >= 1_000 ? value : Number(value.toPrecision(4)));

/** The template texts for an alert whose expression has any labels, and which may have a threshold. */
export function alertText<L extends string>(threshold?: Threshold): AlertText<L> {
  const label = new Proxy({} as Record<L, string>, {
    get: (_, name) => `{{ $labels.${String(name)} }}`,
  });
  return {
    label,
    value: '{{ printf "%.0f" $value }}',
    duration: "{{ $value | humanizeDuration }}",
    percentage: "{{ $value | humanizePercentage }}",
    threshold: threshold === undefined ? "" : readable(threshold),
  };
}

const readable = (threshold: Threshold): string =>
  threshold.unit === "ratio" ? `${short(threshold.value * 100)}%` : printThreshold(threshold);
