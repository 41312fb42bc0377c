import type { Alert, Severity } from "../core/alert.ts";
import type { Node } from "../core/promql-tree.ts";
import type { Level } from "../core/signal.ts";
import { contains, isSame } from "./same-node.ts";

export type { Level } from "../core/signal.ts";

/** What alerts compare an expression with. */
interface Comparison {
  readonly operator: string;
  readonly value: number;
  readonly severity: Severity;
}

/**
 * The alerts that ask for an expression at all, as it is or within another one; for a total, those of what it sums up.
 */
export function alertsAbout(expr: Node, alerts: readonly Alert<string>[]): readonly Alert<string>[] {
  const subjects = subjectsOf(expr);
  return alerts.filter(({ when }) => subjects.some((each) => contains(when.node, each)));
}

function subjectsOf(expr: Node): readonly Node[] {
  if (expr.kind === "binary" && expr.operator === "or" && isCount(expr.left)) return subjectsOf(expr.left);
  if (expr.kind !== "aggregate" || isInfo(expr.of)) return [expr];
  return [expr, ...alternatives(expr.of).flatMap(subjectsOf)];
}

/** Half of all alerts ask for what has the names, and are not about it. */
const isInfo = (node: Node): boolean => node.kind === "selector" && node.metric.endsWith("_info");

/**
 * How bad each value of an expression is by the alerts that compare this expression with a number: so a panel's
 * thresholds are those of its alerts. The same for the highest or lowest of several; for how many cases there are of an
 * alert; and for the whole condition of an alert, which is bad where there is anything. Empty when no alert says
 * anything.
 */
export function levelsOf(expr: Node, alerts: readonly Alert<string>[]): readonly Level[] {
  const comparisons = comparisonsOf(expr, alerts);
  if (comparisons.length === 0) return [];
  const bounds = [...new Set(comparisons.flatMap(boundsOf))].filter(Number.isFinite).toSorted((a, b) => a - b);
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
const boundsOf = (of: Comparison): readonly number[] => (isPoint(of) ? [of.value, of.value + 1] : [boundOf(of)]);

/**
 * A level holds at its own bound, as "more than" does not: where that is seen, with small whole numbers, it begins just
 * above.
 */
const boundOf = ({ operator, value }: Comparison): number =>
  (operator === ">" || operator === "<=") && Number.isInteger(value) && Math.abs(value) < MOST_COUNTED
    ? value + 0.001
    : value;

const MOST_COUNTED = 100;

/** How bad one value is; undefined when no alert compares the expression with a number. */
export function severityAt(expr: Node, alerts: readonly Alert<string>[], value: number): Level["severity"] | undefined {
  const comparisons = comparisonsOf(expr, alerts);
  return comparisons.length === 0 ? undefined : worst(comparisons, value);
}

const between = (from: number | null, to: number | null | undefined): number => {
  if (to === undefined || to === null) return (from ?? 0) + 1;
  return from === null ? to - 1 : (from + to) / 2;
};

function comparisonsOf(expr: Node, alerts: readonly Alert<string>[]): readonly Comparison[] {
  const own = alerts.flatMap(({ when, severity, threshold }) =>
    conditionsOf(when.node).flatMap(({ operator, left, right }): Comparison[] =>
      // another number than the alert's threshold only narrows it: "more than half full, and full tomorrow"
      right.kind === "number" && right.value === (threshold?.value ?? right.value) && isSame(left, expr)
        ? [{ operator, value: right.value, severity }]
        : [],
    ),
  );
  // what is there only while an alert holds is bad whatever its value
  const cases = own.length === 0 ? holding(expr, alerts, -Infinity) : own;
  return cases.length === 0 ? ofAggregate(expr, alerts) : cases;
}

/** The worst of many is as bad as it is alone, and the cases of an alert are as bad as it is from the first one on. */
function ofAggregate(expr: Node, alerts: readonly Alert<string>[]): readonly Comparison[] {
  if (expr.kind === "binary" && expr.operator === "or" && isCount(expr.left)) return ofAggregate(expr.left, alerts);
  if (expr.kind !== "aggregate") return [];
  if (expr.operator === "max" || expr.operator === "min") return comparisonsOf(expr.of, alerts);
  return isCount(expr) ? alternatives(expr.of).flatMap((each) => holding(each, alerts, 1)) : [];
}

const isCount = (node: Node): boolean => node.kind === "aggregate" && node.operator === "count";

const alternatives = (node: Node): readonly Node[] =>
  node.kind === "binary" && node.operator === "or" ? [...alternatives(node.left), ...alternatives(node.right)] : [node];

/** Alerts of which this is the whole condition. */
const holding = (expr: Node, alerts: readonly Alert<string>[], from: number): readonly Comparison[] =>
  alerts
    .filter(({ when }) => isSame(when.node, expr))
    .map(({ severity }) => ({ operator: ">=", value: from, severity }));

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
