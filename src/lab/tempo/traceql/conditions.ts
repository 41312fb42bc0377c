import type { RE2JS } from "re2js";
import type { StoredSpan } from "../trace.ts";
import { stripZeros, valuesOf } from "./fields.ts";
import type { Expression, Field, Spanset, Value } from "./tree.ts";
import { compileRegex } from "./validate.ts";

const NIL: Value = { type: "nil", value: null };
const TRUE: Value = { type: "bool", value: true };
const FALSE: Value = { type: "bool", value: false };

/** Whether the condition holds for the span. */
export function holds(condition: Expression | undefined, span: StoredSpan): boolean {
  return condition === undefined || evaluate(condition, span).some((value) => value.value === true);
}

/** The values of an expression: several where a field has several. */
function evaluate(expression: Expression, span: StoredSpan): readonly Value[] {
  if (expression.type === "static") return [expression.value];
  if (expression.type === "field") {
    const values = valuesOf(span, expression.field);
    return values.length === 0 ? [NIL] : values;
  }
  if (expression.type === "unary") return evaluate(expression.operand, span).map((value) => negate(value));
  return evaluateBinary(expression, span);
}

function evaluateBinary(
  { operator, left, right }: Extract<Expression, { type: "binary" }>,
  span: StoredSpan,
): readonly Value[] {
  if (operator === "&&") return [holds(left, span) && holds(right, span) ? TRUE : FALSE];
  if (operator === "||") return [holds(left, span) || holds(right, span) ? TRUE : FALSE];
  // A trace is asked for with or without the leading zeros of its id.
  const isTraceId = left.type === "field" && left.field.name === "trace:id";
  const rights = isTraceId ? evaluate(right, span).map(withoutZeros) : evaluate(right, span);
  return evaluate(left, span).flatMap((a) => rights.map((b) => combine(operator, a, b)));
}

const withoutZeros = (value: Value): Value =>
  value.type === "string" ? { type: "string", value: stripZeros(value.value) } : value;

function negate(value: Value): Value {
  if (value.type === "bool") return value.value ? FALSE : TRUE;
  return value.type === "int" || value.type === "float" || value.type === "duration"
    ? { type: value.type, value: -value.value }
    : NIL;
}

function combine(operator: string, a: Value, b: Value): Value {
  const sum = ARITHMETIC[operator];
  if (sum === undefined) return compareValues(operator, a, b) ? TRUE : FALSE;
  if (typeof a.value !== "number" || typeof b.value !== "number") return NIL;
  return { type: a.type === "duration" || b.type === "duration" ? "duration" : "float", value: sum(a.value, b.value) };
}

/** What is reckoned with two numbers. */
export const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
};

/** Whether two values compare so; what is missing compares with `nil` only. */
export function compareValues(operator: string, a: Value, b: Value): boolean {
  if (a.type === "nil" || b.type === "nil") {
    if (a.type === b.type) return operator === "=";
    // A condition on a value that is missing never holds.
    return operator === "!=" && b.type === "nil";
  }
  if (operator === "=~" || operator === "!~") return matches(a, b) === (operator === "=~");
  if (typeof a.value !== typeof b.value) return operator === "!=";
  return order(operator, a.value, b.value);
}

function order(operator: string, a: string | number | boolean | null, b: typeof a): boolean {
  if (operator === "=") return a === b;
  if (operator === "!=") return a !== b;
  if (a === null || b === null) return false;
  if (operator === "<") return a < b;
  if (operator === "<=") return a <= b;
  return operator === ">" ? a > b : a >= b;
}

const compiled = new Map<string, RE2JS>();

function matches(a: Value, b: Value): boolean {
  if (typeof b.value !== "string") return false;
  const regex = compiled.get(b.value) ?? compileRegex(b.value);
  compiled.set(b.value, regex);
  return regex.matches(String(a.value));
}

/** The fields that the conditions of a set of spans name, each once. */
export function fieldsOf(spans: Spanset): readonly Field[] {
  const found = new Map<string, Field>();
  const note = (expression: Expression): void => {
    if (expression.type === "field") found.set(`${expression.field.scope} ${expression.field.name}`, expression.field);
    if (expression.type === "unary") note(expression.operand);
    if (expression.type === "binary") [expression.left, expression.right].forEach(note);
  };
  const visit = (set: Spanset): void => {
    if (set.type === "filter" && set.condition !== undefined) note(set.condition);
    if (set.type === "joined") [set.left, set.right].forEach(visit);
    if (set.type === "nested") {
      visit(set.pipeline.spans);
      for (const stage of set.pipeline.stages) if (stage.type === "filter") visit(stage.spans);
    }
  };
  visit(spans);
  return [...found.values()];
}
