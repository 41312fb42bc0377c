import type { SyntaxNode } from "@lezer/common";
import { childrenOf } from "../../lib/promql-syntax.ts";
import { readPromql, wordsOf, type ReadPromql } from "./promql-text.ts";

/**
 * A piece of a query written so that it is the same in a panel and in a rule: without parentheses, without what
 * variables narrow, and without the window of a `rate`, which Grafana chooses.
 */
export function canonical(node: SyntaxNode, of: ReadPromql, isInRate = false): string {
  const children = childrenOf(node);
  const [only] = children;
  if (node.name === "ParenExpr" && only !== undefined) return canonical(only, of, isInRate);
  if (node.name === "UnquotedLabelMatcher" && wordsOf(node, of).includes("$")) return "";
  if (isInRate && node.name === "DurationExpr") return "window";
  if (only === undefined) return wordsOf(node, of);
  const isRate = node.name === "FunctionCall" && wordsOf(only, of) === "rate";
  const parts = children.map((child) => canonical(child, of, isInRate || isRate)).filter((part) => part !== "");
  const inOrder = node.name === "LabelMatchers" ? parts.toSorted() : parts;
  return inOrder.length === 0 ? "" : `${node.name}(${inOrder.join(" ")})`;
}

/** A comparison with a number, by which alone a series is there or not. */
export interface Condition {
  /** {@link canonical}. */
  readonly left: string;
  readonly operator: string;
  readonly value: number;
}

const COMPARISONS: ReadonlySet<string> = new Set([">", ">=", "<", "<=", "==", "!="]);

/** Comparisons that decide; the right side of `and` and `unless` only narrows. */
export function conditionsOf(node: SyntaxNode, of: ReadPromql): readonly Condition[] {
  const inner = unwrapped(node);
  const binary = binaryOf(inner, of);
  if (binary === undefined) return [];
  const { left, operator, right } = binary;
  if (operator === "and" || operator === "unless") return conditionsOf(left, of);
  if (operator === "or") return [...conditionsOf(left, of), ...conditionsOf(right, of)];
  if (!COMPARISONS.has(operator)) return [];
  const value = Number(wordsOf(unwrapped(right), of));
  return [...(Number.isNaN(value) ? [] : [{ left: canonical(left, of), operator, value }]), ...conditionsOf(left, of)];
}

/** What an expression gives the most, the least or the number of; undefined when it is none of these. */
export function aggregated(
  node: SyntaxNode,
  of: ReadPromql,
): { readonly operator: string; readonly body: SyntaxNode } | undefined {
  const inner = unwrapped(node);
  const binary = binaryOf(inner, of);
  if (binary?.operator === "or") {
    const left = aggregated(binary.left, of);
    return left?.operator === "count" ? left : undefined;
  }
  const operator = inner.name === "AggregateExpr" ? inner.getChild("AggregateOp") : null;
  const body = inner.getChild("FunctionCallBody")?.firstChild ?? null;
  return operator === null || body === null ? undefined : { operator: wordsOf(operator, of), body: unwrapped(body) };
}

/** The operands of `or`; the expression itself when it is no `or`. */
export function alternatives(node: SyntaxNode, of: ReadPromql): readonly SyntaxNode[] {
  const binary = binaryOf(unwrapped(node), of);
  return binary?.operator === "or"
    ? [...alternatives(binary.left, of), ...alternatives(binary.right, of)]
    : [unwrapped(node)];
}

function unwrapped(node: SyntaxNode): SyntaxNode {
  const inner = node.name === "ParenExpr" || node.name === "PromQL" ? node.firstChild : null;
  return inner === null ? node : unwrapped(inner);
}

function binaryOf(
  node: SyntaxNode,
  of: ReadPromql,
): { readonly left: SyntaxNode; readonly operator: string; readonly right: SyntaxNode } | undefined {
  if (node.name !== "BinaryExpr") return undefined;
  const [left, operator, ...rest] = childrenOf(node);
  const right = rest.at(-1);
  return left === undefined || operator === undefined || right === undefined
    ? undefined
    : { left, operator: wordsOf(operator, of), right };
}

/** An expression by its text; undefined when it does not parse. */
export function readExpression(text: string): { readonly node: SyntaxNode; readonly of: ReadPromql } | undefined {
  const of = readPromql(text);
  return typeof of === "string" ? undefined : { node: unwrapped(of.top), of };
}
