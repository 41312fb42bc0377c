import type { SyntaxNode } from "@lezer/common";

/**
 * What the value of an expression is in: events of the window, events per second, or a number that is the same whatever
 * the window's length (a ratio, a factor). Unknown is everything that can not be said from the text, such as a recorded
 * series.
 */
export type PromqlUnit = "count" | "per_second" | "number" | "unknown";

/** Zero is of every unit: `or vector(0)`, `> 0`. */
type Unit = PromqlUnit | "zero";

const COUNTS = new Set(["increase", "count_over_time", "changes", "resets"]);
/** Whose value is of the unit of their first argument. */
const TRANSPARENT = new Set(["label_replace", "label_join", "sort", "sort_desc", "abs", "histogram_count"]);
const AGGREGATES = new Set(["sum", "avg", "min", "max"]);
const COMPARISONS = new Set([">", "<", ">=", "<=", "==", "!="]);

/**
 * The unit of a parsed expression: `per_second` only when the value is exactly that of the same text with `increase` in
 * place of each `rate`, divided by the seconds of the window. `isWindow` tells whether the window begins at an offset
 * of the text.
 */
export function unitOf(node: SyntaxNode, text: string, isWindow: (offset: number) => boolean): PromqlUnit {
  const source = (of: SyntaxNode): string => text.slice(of.from, of.to);

  const call = (of: SyntaxNode): Unit => {
    const name = source(of.getChild("FunctionIdentifier") ?? of);
    const args = operands(of.getChild("FunctionCallBody"));
    const [first, ...others] = args;
    if (first === undefined) return "unknown";
    if (name === "rate") return isWindow(rangeStart(first)) ? "per_second" : "unknown";
    if (COUNTS.has(name)) return isWindow(rangeStart(first)) ? "count" : "unknown";
    if (TRANSPARENT.has(name)) return unit(first);
    if (name === "vector") return unit(first);
    if (name === "clamp_min") return others.every((bound) => unit(bound) === "zero") ? unit(first) : "unknown";
    return name === "histogram_fraction" ? "number" : "unknown";
  };
  const binary = (of: SyntaxNode): Unit => {
    const [left, operator, right] = operands(of);
    if (left === undefined || operator === undefined || right === undefined) return "unknown";
    const sides: Sides = [unit(left), unit(right)];
    return of.getChild("BoolModifier") ? "unknown" : ofBinary(source(operator).toLowerCase(), sides);
  };
  const unit = (of: SyntaxNode): Unit => {
    const [inner] = operands(of);
    switch (of.name) {
      case "PromQL":
      case "ParenExpr":
      case "UnaryExpr":
        return inner === undefined ? "unknown" : unit(inner);
      case "NumberDurationLiteral":
        return Number(source(of)) === 0 ? "zero" : "number";
      case "FunctionCall":
        return call(of);
      case "AggregateExpr": {
        const last = operands(of.getChild("FunctionCallBody")).at(-1);
        const known = last !== undefined && AGGREGATES.has(source(of.getChild("AggregateOp") ?? of).toLowerCase());
        return known ? unit(last) : "unknown";
      }
      case "BinaryExpr":
        return binary(of);
      default:
        return "unknown";
    }
  };
  const found = unit(node);
  return found === "zero" ? "number" : found;
}

const NOT_OPERANDS = new Set(["UnaryOp", "BoolModifier", "MatchingModifierClause", "AggregateModifier", "AggregateOp"]);

function operands(of: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = of?.firstChild ?? null; child !== null; child = child.nextSibling)
    if (!NOT_OPERANDS.has(child.name)) found.push(child);
  return found;
}

/** Where the range of `x[5m]`, `x[5m:1m]` or such a selector with an offset begins; -1 when there is none. */
function rangeStart(node: SyntaxNode): number {
  const ranged = node.name === "OffsetExpr" || node.name === "StepInvariantExpr" ? node.firstChild : node;
  return ranged?.getChild("DurationExpr")?.from ?? -1;
}

type Sides = readonly [Unit, Unit];

function ofBinary(operator: string, [left, right]: Sides): Unit {
  if (operator === "+" || operator === "-" || operator === "or") return same(left, right);
  if (operator === "*") return product(left, right);
  if (operator === "/") return quotient(left, right);
  if (COMPARISONS.has(operator)) return same(left, right) === "unknown" ? "unknown" : left;
  // the right side decides only by what is there
  if (operator === "and" || operator === "unless") return right === "unknown" ? "unknown" : left;
  return "unknown";
}

function same(left: Unit, right: Unit): Unit {
  if (left === "zero") return right;
  return right === "zero" || left === right ? left : "unknown";
}

function product(left: Unit, right: Unit): Unit {
  if (left === "zero" || right === "zero") return "zero";
  if (left === "number") return right;
  return right === "number" ? left : "unknown";
}

function quotient(left: Unit, right: Unit): Unit {
  if (right === "number") return left;
  return left === right && left !== "unknown" && left !== "zero" ? "number" : "unknown";
}
