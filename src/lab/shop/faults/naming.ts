import type { JudgedItem } from "../contract.ts";

/** Whether the text of a log pattern (its template, a line of it, or the title) holds what names the cause. */
export function says(item: JudgedItem, what: RegExp): boolean {
  const { detail } = item;
  return detail.kind === "log_pattern" && [detail.template, detail.sample].some((text) => what.test(text));
}

/** Whether it is a field or attribute with one of the values. */
export function isValue({ detail }: JudgedItem, ...values: readonly string[]): boolean {
  return detail.kind === "field_value" && values.includes(detail.value);
}

/** Whether it is a metric with all of the labels, and with such a name. */
export function isMetric({ detail }: JudgedItem, labels: Readonly<Record<string, string>>, name = /./): boolean {
  return (
    detail.kind === "metric" &&
    name.test(detail.metric) &&
    Object.entries(labels).every(([label, value]) => detail.labels[label] === value)
  );
}

/** Whether it says that a service fails or is slow. */
export function isService({ detail }: JudgedItem, service: string, what: "fails" | "is_slow"): boolean {
  return detail.kind === "service" && detail.service === service && detail.what === what;
}
