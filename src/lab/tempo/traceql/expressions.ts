import { attributeField, findIntrinsic, KINDS, STATUSES } from "./names.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression, Field, Value } from "./tree.ts";

/** From the weakest to the strongest. */
const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["=", "!=", "<", "<=", ">", ">=", "=~", "!~"],
  ["+", "-"],
  ["*", "/", "%"],
  ["^"],
];

/** Reads a condition over one span. */
export function readExpression(reader: TokenReader, level = 0): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return readUnary(reader);
  let left = readExpression(reader, level + 1);
  while (reader.isOperator(...operators)) {
    const operator = reader.advance().text;
    left = { type: "binary", operator, left, right: readExpression(reader, level + 1) };
  }
  return left;
}

function readUnary(reader: TokenReader): Expression {
  if (reader.isOperator("!", "-")) {
    const operator = reader.advance().text === "!" ? "!" : "-";
    return { type: "unary", operator, operand: readUnary(reader) };
  }
  if (reader.accept("(")) {
    const inner = readExpression(reader);
    reader.expect(")");
    return inner;
  }
  const value = readStatic(reader);
  if (value !== undefined) return { type: "static", value };
  return { type: "field", field: readField(reader) };
}

/** Reads an intrinsic or an attribute. */
export function readField(reader: TokenReader): Field {
  const { token } = reader;
  if (token.type === "attribute" && token.scope !== "parent") {
    reader.advance();
    return attributeField(token.scope ?? "", String(token.value));
  }
  if (token.type !== "identifier" && token.type !== "intrinsic") throw reader.unexpected();
  const field = findIntrinsic(token.text);
  if (field === undefined) throw reader.error(`unknown identifier: ${token.text}`);
  reader.advance();
  return field;
}

/** Reads a value; undefined when none is there. */
export function readStatic(reader: TokenReader): Value | undefined {
  const { token } = reader;
  const value = staticOf(token.type, token.text, Number(token.value));
  if (value !== undefined) reader.advance();
  return value;
}

function staticOf(type: string, text: string, number: number): Value | undefined {
  if (type === "string") return { type, value: text };
  if (type === "integer") return { type: "int", value: number };
  if (type === "float" || type === "duration") return { type, value: number };
  return type === "identifier" ? wordOf(text) : undefined;
}

function wordOf(text: string): Value | undefined {
  if (text === "true" || text === "false") return { type: "bool", value: text === "true" };
  if (text === "nil") return { type: "nil", value: null };
  if (STATUSES.some((status) => status === text)) return { type: "status", value: text };
  return KINDS.some((kind) => kind === text) ? { type: "kind", value: text } : undefined;
}
