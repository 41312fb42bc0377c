import type { MatchOperator } from "../../core/promql-tree.ts";

/** One condition of a selector. */
export interface SelectorMatcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Not those that PromQL reads as a number or as a keyword that no metric may have as its bare name. */
const PLAIN_METRIC = /^(?!(?:nan|inf|on|ignoring|group_left|group_right|bool|offset|atan2)$)[a-z_:][a-z0-9_:]*$/i;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Prints a selector; names that are no old ones of Prometheus, such as `http.server.duration`, in quotes, as Prometheus
 * 3 has them. JSON's quotes are PromQL's. Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export function printSelector(metric: string | undefined, matchers: readonly SelectorMatcher[]): string {
  const isPlain = metric === undefined || PLAIN_METRIC.test(metric);
  const conditions = [...(isPlain ? [] : [JSON.stringify(metric)]), ...matchers.map(printMatcher)];
  const braces = conditions.length === 0 ? "" : `{${conditions.join(",")}}`;
  return `${isPlain ? (metric ?? "") : ""}${braces}`;
}

const printMatcher = ({ label, operator, value }: SelectorMatcher): string =>
  `${printLabelName(label)}${operator}${JSON.stringify(value)}`;

/** Prints the name of a label, in quotes where it is no old one of Prometheus. */
export const printLabelName = (label: string): string => (PLAIN_LABEL.test(label) ? label : JSON.stringify(label));

/** A pattern that takes one text only. */
export const escapePattern = (text: string): string => text.replaceAll(/[\\^$*+?.()|[\]{}]/g, String.raw`\$&`);

/** The condition that a label has one of these values. */
export function oneOf(label: string, values: readonly string[]): SelectorMatcher {
  const [first = ""] = values;
  return values.length === 1
    ? { label, operator: "=", value: first }
    : { label, operator: "=~", value: values.map(escapePattern).join("|") };
}

/** The conditions that all these labels have these values. */
export const allOf = (labels: Readonly<Record<string, string>>): readonly SelectorMatcher[] =>
  Object.entries(labels).map(([label, value]) => ({ label, operator: "=", value }));
