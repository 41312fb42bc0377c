import { RE2JS } from "re2js";
import type { Expression, Pipeline, Query, Spanset, Value } from "./tree.ts";

/** Refuses conditions that can not hold by their types, and regular expressions that are none, as Tempo does. */
export function validateQuery({ root }: Query): void {
  validateRoot(root);
}

function validateRoot(root: Query["root"]): void {
  if (root.type === "pipeline") return validatePipeline(root.pipeline);
  validateRoot(root.left);
  validateRoot(root.right);
}

function validatePipeline({ spans, stages }: Pipeline): void {
  validateSpans(spans);
  for (const stage of stages) {
    if (stage.type === "filter") validateSpans(stage.spans);
    if (stage.type === "metrics" && stage.selection !== undefined) validateSpans(stage.selection);
  }
}

function validateSpans(spans: Spanset): void {
  if (spans.type === "nested") return validatePipeline(spans.pipeline);
  if (spans.type === "joined") {
    validateSpans(spans.left);
    return validateSpans(spans.right);
  }
  if (spans.condition !== undefined) validateExpression(spans.condition);
}

function validateExpression(expression: Expression): void {
  if (expression.type === "unary") return validateExpression(expression.operand);
  if (expression.type !== "binary") return;
  const { operator, left, right } = expression;
  validateExpression(left);
  validateExpression(right);
  const [leftType, rightType] = [typeOf(left), typeOf(right)];
  if (!fit(leftType, rightType))
    throw new Error(`binary operations must operate on the same type: ${print(left)} ${operator} ${print(right)}`);
  if ((operator === "=~" || operator === "!~") && right.type === "static" && right.value.type === "string")
    compileRegex(right.value.value);
}

/** A regular expression for the whole of a text. */
export function compileRegex(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw new Error(`invalid regex: \`${pattern}\``);
  }
}

const NUMERIC = new Set(["int", "float", "duration"]);
const FIELD_TYPES: Readonly<Record<string, string>> = {
  duration: "duration",
  traceDuration: "duration",
  "event:timeSinceStart": "duration",
  status: "status",
  kind: "kind",
  "span:childCount": "int",
  nestedSetLeft: "int",
  nestedSetRight: "int",
  nestedSetParent: "int",
};

function fit(left: string, right: string): boolean {
  const isOpen = [left, right].some((type) => type === "any" || type === "nil");
  return isOpen || left === right || (NUMERIC.has(left) && NUMERIC.has(right));
}

function typeOf(expression: Expression): string {
  if (expression.type === "static") return expression.value.type;
  if (expression.type === "unary") return expression.operator === "!" ? "bool" : typeOf(expression.operand);
  if (expression.type === "binary")
    return ["+", "-", "*", "/", "%", "^"].includes(expression.operator) ? typeOf(expression.left) : "bool";
  const { scope, name } = expression.field;
  return scope === "intrinsic" ? (FIELD_TYPES[name] ?? "string") : "any";
}

function print(expression: Expression): string {
  if (expression.type === "static") return printValue(expression.value);
  if (expression.type === "field") return expression.field.text;
  if (expression.type === "unary") return `${expression.operator}${print(expression.operand)}`;
  return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
}

function printValue(value: Value): string {
  if (value.type === "string") return `\`${value.value}\``;
  return value.type === "duration" ? printDuration(value.value) : String(value.value ?? "nil");
}

/** Nanoseconds as Go writes a duration: https://pkg.go.dev/time#Duration.String */
export function printDuration(nanos: number): string {
  if (nanos === 0) return "0s";
  if (nanos < 1e3) return `${nanos}ns`;
  if (nanos < 1e6) return `${trim(nanos, 1e3)}µs`;
  if (nanos < 1e9) return `${trim(nanos, 1e6)}ms`;
  const seconds = Math.floor(nanos / 1e9);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${trim(nanos - (hours * 3600 + minutes * 60) * 1e9, 1e9)}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

const trim = (nanos: number, unit: number): string => String(Number((nanos / unit).toFixed(9)));
