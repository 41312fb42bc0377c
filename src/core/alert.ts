import type { Duration } from "./duration.ts";
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
}

/** The number that an alert compares with; users may override it in the configuration. */
export interface Threshold {
  readonly value: number;
  readonly unit: Unit;
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

/** The template texts for an alert whose expression has any labels. */
export function alertText<L extends string>(): AlertText<L> {
  const label = new Proxy({} as Record<L, string>, {
    get: (_, name) => `{{ $labels.${String(name)} }}`,
  });
  return {
    label,
    value: '{{ printf "%.0f" $value }}',
    duration: "{{ $value | humanizeDuration }}",
    percentage: "{{ $value | humanizePercentage }}",
  };
}
