import type { z } from "zod";
import { listOf, nearest } from "./nearest.ts";
import { valueAt } from "./values.ts";

const NOUNS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a mapping of keys",
  record: "a mapping of keys",
  null: "empty",
};

/** What a parsed value is, in words; never the value. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return NOUNS[value === null ? "null" : typeof value] ?? "something else";
}

/** What zod expects, in words. */
const nounOf = (expected: string): string => NOUNS[expected] ?? `of type ${expected}`;

const NOT_VALID = "is not valid";

/**
 * Says in plain words what is wrong with a value, for zod's `error` option; messages that a schema brings itself win.
 * It never has the value.
 */
export function plainMessage(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue.expected, issue.input);
    case "invalid_value":
      return oneOf(issue.values, issue.input);
    case "too_small":
      return bound(issue.origin, issue.minimum, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return bound(issue.origin, issue.maximum, issue.inclusive === false ? "less than" : "at most");
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "regex" ? "has not the right form" : `must be of the form "${issue.format}"`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "has a key that is not allowed";
    case "invalid_union":
      return issue.discriminator === undefined
        ? noneOf(issue.errors, issue.input)
        : oneOf(optionsOf(issue), valueAt(issue.input, [issue.discriminator]));
    default:
      return NOT_VALID;
  }
}

function wrongType(expected: string, input: unknown): string {
  if (expected === "int" && typeof input === "number") return "must be a whole number";
  if (typeof input === "number" && !Number.isFinite(input)) return "must be a finite number";
  const quotes = expected === "string" && (typeof input === "number" || typeof input === "boolean");
  return `must be ${nounOf(expected)}, is ${kindOf(input)}${quotes ? ": put it in quotes" : ""}`;
}

/** Lists what is allowed and names what was probably meant. */
export function oneOf(values: readonly unknown[], input: unknown): string {
  const names = values.map(String);
  const meant = typeof input === "string" ? (nearest(input, names) ?? beginning(input, names)) : undefined;
  const hint = meant === undefined || names.length === 1 ? "" : `; did you mean "${meant}"?`;
  return `must be ${names.length > 1 ? "one of " : ""}${listOf(names)}${hint}`;
}

/** The values that an enumeration or a union's discriminator allows. */
export function optionsOf(issue: z.core.$ZodIssue | z.core.$ZodRawIssue): readonly unknown[] {
  if (issue.code === "invalid_value") return issue.values;
  const options: unknown = issue.code === "invalid_union" && "options" in issue ? issue.options : undefined;
  return Array.isArray(options) ? options : [];
}

/** Whether an issue says that the value as a whole is of another type; `value` is where the issue's path begins. */
export function refusesType(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_value") return !issue.values.some((one) => typeof one === typeof value);
  return issue.code === "invalid_type";
}

/** What the branches of a union want, where the value is of the type of none. */
function noneOf(branches: readonly (readonly z.core.$ZodIssue[])[], value: unknown): string {
  const expected = branches
    .flat()
    .filter((issue) => refusesType(issue, value))
    .flatMap((issue) => (issue.code === "invalid_type" ? [nounOf(issue.expected)] : optionsOf(issue).map(String)));
  if (expected.length === 0) return NOT_VALID;
  return `must be ${[...new Set(expected)].join(" or ")}, is ${kindOf(value)}`;
}

const beginning = (input: string, names: readonly string[]): string | undefined =>
  names.find((name) => input.toLowerCase().startsWith(name.toLowerCase()));

function bound(origin: string, limit: number | bigint, comparison: string): string {
  const nouns: Readonly<Record<string, string>> = { string: "character", array: "entry", object: "key", record: "key" };
  const noun = nouns[origin];
  if (noun === undefined) return `must be ${comparison} ${limit}`;
  if (comparison === "at least" && Number(limit) === 1) return "must not be empty";
  const plural = noun === "entry" ? "entries" : `${noun}s`;
  return `must have ${comparison} ${limit} ${Number(limit) === 1 ? noun : plural}`;
}
