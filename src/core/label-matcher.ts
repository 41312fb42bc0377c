import { RE2JS } from "re2js";
import type { TextMap } from "./notification.ts";
import type { MatchOperator } from "./promql-tree.ts";

/** One condition on a label, as Alertmanager has it: a label that is missing has the empty value. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
  matches(labels: TextMap): boolean;
}

/** Makes a matcher. Patterns are RE2's, run in linear time and match whole values. Throws when the pattern is none. */
export function labelMatcher(label: string, operator: MatchOperator, value: string): LabelMatcher {
  const test = testOf(operator, value);
  return {
    label,
    operator,
    value,
    matches: (labels) => test(Object.hasOwn(labels, label) ? (labels[label] ?? "") : ""),
  };
}

function testOf(operator: MatchOperator, value: string): (text: string) => boolean {
  if (operator === "=") return (text) => text === value;
  if (operator === "!=") return (text) => text !== value;
  const pattern = RE2JS.compile(value);
  if (operator === "=~") return (text) => pattern.matches(text);
  return (text) => !pattern.matches(text);
}

/**
 * What stands only between quotes in the text of a matcher.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#utf-8-matchers
 */
export const RESERVED_IN_MATCHERS = String.raw`\p{White_Space}{}!=~,\\"'` + "`";
const NEEDS_QUOTES = new RegExp(`[${RESERVED_IN_MATCHERS}]`, "u");

/** Prints a matcher as Alertmanager does: `severity="critical"`. */
export const printMatcher = ({ label, operator, value }: LabelMatcher): string =>
  `${printLabel(label)}${operator}${JSON.stringify(value)}`;

/** Prints a label's name, in quotes where it could be taken for something else. */
export const printLabel = (label: string): string => (NEEDS_QUOTES.test(label) ? JSON.stringify(label) : label);
