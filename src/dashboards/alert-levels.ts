import { isDeepStrictEqual } from "node:util";
import type { Alert, Severity } from "../core/alert.ts";
import type { Node } from "../core/promql-tree.ts";

/** From a value on (null: from the lowest), what the worst alert says of it; `ok` where none fires. */
export interface Level {
  readonly from: number | null;
  readonly severity: Severity | "ok";
}

/** What alerts compare an expression with. */
interface Comparison {
  readonly operator: string;
  readonly value: number;
  readonly severity: Severity;
}

/** The alerts that ask for an expression at all, as it is or within another one. */
export const alertsAbout = (expr: Node, alerts: readonly Alert<string>[]): readonly Alert<string>[] =>
  alerts.filter(({ when }) => contains(when.node, expr));

function contains(node: Node, wanted: Node): boolean {
  return isDeepStrictEqual(node, wanted) || operands(node).some((each) => contains(each, wanted));
}

/**
 * How bad each value of an expression is by the alerts that compare this expression with a number: so a panel's thresholds are
 * those of its alerts. Empty when no alert does.
 */
export function levelsOf(expr: Node, alerts: readonly Alert<string>[]): readonly Level[] {
  const comparisons = comparisonsOf(expr, alerts);
  const bounds = [...new Set(comparisons.flatMap(boundsOf))].toSorted((a, b) => a - b);
  if (bounds.length === 0) return [];
  const points = new Set(comparisons.filter(isPoint).map(({ value }) => value));
  const starts = [null, ...bounds];
  const levels = starts.map((from, i): Level => {
    const inside = from !== null && points.has(from) ? from : between(from, starts[i + 1]);
    return { from, severity: worst(comparisons, inside) };
  });
  return levels.filter(({ severity }, i) => i === 0 || severity !== levels[i - 1]?.severity);
}

const isPoint = ({ operator }: Comparison): boolean => operator === "==" || operator === "!=";

/** What is compared for equality is counted, so that the next value is one more. */
const boundsOf = (of: Comparison): readonly number[] => (isPoint(of) ? [of.value, of.value + 1] : [of.value]);

/** How bad one value is; undefined when no alert compares the expression with a number. */
export function severityAt(expr: Node, alerts: readonly Alert<string>[], value: number): Level["severity"] | undefined {
  const comparisons = comparisonsOf(expr, alerts);
  return comparisons.length === 0 ? undefined : worst(comparisons, value);
}

const between = (from: number | null, to: number | null | undefined): number => {
  if (to === undefined || to === null) return (from ?? 0) + 1;
  return from === null ? to - 1 : (from + to) / 2;
};

const comparisonsOf = (expr: Node, alerts: readonly Alert<string>[]): readonly Comparison[] =>
  alerts.flatMap(({ when, severity }) =>
    conditionsOf(when.node).flatMap((node): Comparison[] =>
      node.right.kind === "number" && node.operator in COMPARE && isDeepStrictEqual(node.left, expr)
        ? [{ operator: node.operator, value: node.right.value, severity }]
        : [],
    ),
  );

type Binary = Extract<Node, { kind: "binary" }>;

/** Comparisons by which alone a series is there or not; the right side of `and` and `unless` only narrows. */
function conditionsOf(node: Node): readonly Binary[] {
  if (node.kind !== "binary") return [];
  if (node.operator === "and" || node.operator === "unless") return conditionsOf(node.left);
  if (node.operator === "or") return [...conditionsOf(node.left), ...conditionsOf(node.right)];
  return node.operator in COMPARE ? [node, ...conditionsOf(node.left)] : [];
}

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
};

const BY_SEVERITY = ["critical", "warning", "info"] as const;

const worst = (comparisons: readonly Comparison[], value: number): Level["severity"] =>
  BY_SEVERITY.find((severity) =>
    comparisons.some((each) => each.severity === severity && COMPARE[each.operator]?.(value, each.value) === true),
  ) ?? "ok";

function operands(node: Node): readonly Node[] {
  if (node.kind === "call") return node.args;
  if (node.kind === "aggregate") return [node.of];
  return node.kind === "binary" ? [node.left, node.right] : [];
}
