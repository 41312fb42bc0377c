import type { Duration } from "./duration.ts";

/** The window of a range selector: fixed, or the one that Grafana chooses. */
export type Window = Duration | "rate_interval";

/** Label matching operators. */
export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** One condition of a selector. */
export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Operators between two expressions, by falling strength of binding: level 0 binds strongest. */
export const BINARY_OPERATOR_LEVELS = [
  ["^"],
  ["*", "/", "%", "atan2"],
  ["+", "-"],
  ["==", "!=", "<=", "<", ">=", ">"],
  ["and", "unless"],
  ["or"],
] as const;

/** One of {@link BINARY_OPERATOR_LEVELS}. */
export type BinaryOperator = (typeof BINARY_OPERATOR_LEVELS)[number][number];

/** Aggregations without a parameter. */
export const AGGREGATE_OPERATORS = ["sum", "count", "min", "max", "avg", "group"] as const;

/** One of {@link AGGREGATE_OPERATORS}. */
export type AggregateOperator = (typeof AGGREGATE_OPERATORS)[number];

/** Vector matching: which labels must agree, and which side may have many partners. */
export interface Matching {
  readonly on: readonly string[];
  readonly group?: { readonly side: "left" | "right"; readonly include: readonly string[] };
}

/**
 * PromQL as a tree of plain data, until it is printed by `printPromql`.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export type Node =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | {
      readonly kind: "selector";
      readonly metric: string;
      /** Those that its series carry, as far as the metric declares them. */
      readonly labels: readonly string[];
      readonly matchers: readonly Matcher[];
      readonly range?: Window;
      readonly offset?: Duration;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  | {
      readonly kind: "aggregate";
      readonly operator: AggregateOperator;
      readonly by: readonly string[];
      readonly of: Node;
    }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Node;
      readonly right: Node;
      readonly matching?: Matching;
    };
