import type { Duration } from "./duration.ts";
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

/** One alert: fires for each series of `when` that lasts for `for`. */
export interface Alert<L extends string> {
  /** UpperCamelCase, begins with the system's name; also the file name of its runbook. */
  readonly name: string;
  readonly severity: Severity;
  readonly when: Vector<L>;
  readonly for: Duration;
  /** Keeps firing this long after the condition ended, so that a flapping condition is one alert. */
  readonly keepFiringFor?: Duration;
  /** One line for a phone: what is wrong and where. */
  summary(text: AlertText<L>): string;
  /** What it means for the users of the system, and what to look at first. */
  description(text: AlertText<L>): string;
}

/** Declares an alert; its labels follow from the expression. */
export function alert<L extends string>(of: Alert<L>): Alert<string> {
  return of;
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
