import { isDeepStrictEqual } from "node:util";
import { exception, FailedCall, invalidParams } from "./failure.ts";

/** What is found in a row by a path. */
export interface Found {
  /** `members`: the path goes on in each member of the list that `value` is, at `rest`. */
  readonly kind: "value" | "members";
  /** Undefined when there is none. */
  readonly value: unknown;
  /** The names of the objects' members that led to the value. */
  readonly keys: readonly string[];
  readonly rest: string;
}

/**
 * Follows a dotted path, in which `\.` is a dot of a name, a number the place in a list, and `*` all its members. What
 * is neither object nor list stands for all that lies below it, as in the source.
 */
export function at(row: unknown, path: string): Found {
  const parts = path.split(/(?<!\\)\./);
  const keys: string[] = [];
  let value = row;
  for (const [index, part] of parts.entries()) {
    if (Array.isArray(value)) {
      if (part === "*") return { kind: "members", value, keys, rest: parts.slice(index + 1).join(".") };
      if (!/^\d+$/.test(part)) throw pythonError("ValueError", `${part}: must be array index or wildcard character`);
      value = (value as readonly unknown[])[Number(part)] ?? null;
    } else if (typeof value === "object" && value !== null) {
      const key = part.replaceAll("\\.", ".");
      keys.push(key);
      value = Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
    }
  }
  return { kind: "value", value, keys, rest: "" };
}

const pythonError = (name: string, reason: string): FailedCall => new FailedCall(exception(name, reason));

type Operator = (found: unknown, wanted: unknown) => boolean;

const startsWith: Operator = (found, wanted) => textOf(found).startsWith(textOf(wanted));
const endsWith: Operator = (found, wanted) => textOf(found).endsWith(textOf(wanted));
const holds: Operator = (whole, part) =>
  Array.isArray(whole) ? whole.some((each) => isDeepStrictEqual(each, part)) : textOf(whole).includes(textOf(part));
const unlessNull =
  (operator: Operator, expected = true): Operator =>
  (found, wanted) =>
    found !== null && operator(found, wanted) === expected;

/** Source: https://github.com/truenas/middleware, src/middlewared/middlewared/api/base/validators/filter_ops.py */
const OPERATORS: Readonly<Record<string, Operator>> = {
  "=": isDeepStrictEqual,
  "!=": (found, wanted) => !isDeepStrictEqual(found, wanted),
  ">": (found, wanted) => compare(found, wanted, ">") > 0,
  ">=": (found, wanted) => compare(found, wanted, ">=") >= 0,
  "<": (found, wanted) => compare(found, wanted, "<") < 0,
  "<=": (found, wanted) => compare(found, wanted, "<=") <= 0,
  "~": (found, wanted) => new RegExp(`^(?:${textOf(wanted)})`).test(textOf(found ?? "")),
  in: (found, wanted) => holds(wanted, found),
  nin: unlessNull((found, wanted) => holds(wanted, found), false),
  rin: unlessNull(holds),
  rnin: unlessNull(holds, false),
  "^": unlessNull(startsWith),
  "!^": unlessNull(startsWith, false),
  $: unlessNull(endsWith),
  "!$": unlessNull(endsWith, false),
};

/** Whether a row passes a filter: `[path, operator, value]`, or `["OR", branches]`; a list of filters is their AND. */
export function matches(row: unknown, filter: unknown): boolean {
  if (!Array.isArray(filter)) throw invalidParams("filters", "Filter must be a list");
  const parts = filter as readonly unknown[];
  if (parts.length === 2) {
    const [operator, branches] = parts;
    if (operator !== "OR" || !Array.isArray(branches))
      throw invalidParams("filters", `Invalid operation: ${String(operator)}`);
    return branches.some((branch: unknown) =>
      isList(branch, 0) ? branch.every((each) => matches(row, each)) : matches(row, branch),
    );
  }
  const [path, operator, wanted] = parts;
  if (parts.length !== 3 || typeof path !== "string" || typeof operator !== "string")
    throw invalidParams("filters", `Invalid filter ${JSON.stringify(filter)}`);
  return passes(row, path, operator, wanted);
}

const isList = (value: unknown, member: number): value is readonly unknown[] =>
  Array.isArray(value) && Array.isArray((value as readonly unknown[])[member]);

function passes(row: unknown, path: string, operator: string, wanted: unknown): boolean {
  const anyCase = operator.startsWith("C");
  const does = OPERATORS[anyCase ? operator.slice(1) : operator];
  if (does === undefined) throw invalidParams("filters", `Invalid operation: ${operator}`);
  const found = at(row, path);
  if (found.kind === "members")
    return (found.value as readonly unknown[]).some((member) => passes(member, found.rest, operator, wanted));
  if (found.value === undefined) return false;
  const value = path.endsWith(".$date") && typeof wanted === "string" ? Date.parse(wanted) : wanted;
  return anyCase ? does(folded(found.value), folded(value)) : does(found.value, value);
}

function folded(value: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  return Array.isArray(value) ? value.map(folded) : value;
}

/** Negative, 0 or positive; throws what Python throws for values that have no order. */
export function compare(left: unknown, right: unknown, operator = "<"): number {
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : Number(left > right);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) return a - b;
  throw pythonError(
    "TypeError",
    `'${operator}' not supported between instances of '${pythonType(left)}' and '${pythonType(right)}'`,
  );
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" || typeof value === "boolean" ? Number(value) : undefined;

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw pythonError("TypeError", `expected string, got ${pythonType(value)}`);
}

function pythonType(value: unknown): string {
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return "list";
  return { string: "str", number: "int", boolean: "bool" }[typeof value as string] ?? "dict";
}
