/** Decoded JSON; whole numbers that a double can not hold are bigints. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** An object of decoded JSON. */
export interface JsonObject {
  readonly [name: string]: Json;
}

interface Source {
  readonly source?: string;
}

// https://github.com/tc39/proposal-json-parse-with-source, which Node has and TypeScript's library not yet
const json = JSON as unknown as {
  parse(text: string, reviver?: (key: string, value: unknown, context: Source) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/** Decodes JSON; throws SyntaxError. */
export function decode(text: string): Json {
  // only a long number needs the slow way
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  return json.parse(text, (_, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value,
  ) as Json;
}

/** Encodes JSON, bigints as numbers. */
export function encode(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // it holds a bigint, which only a slower way can write
    return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? json.rawJSON(String(each)) : each));
  }
}

/** A value as a text: texts as they are, all else as JSON. */
export const say = (value: Json | undefined): string => (typeof value === "string" ? value : (encode(value) ?? ""));

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as the list that it stands for. */
export const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined || value === null ? [] : isList(value) ? value : [value];

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** A text as a regular expression that matches it alone. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** A pattern with `*` as a test of whole names. */
export function wildcard(pattern: string): (name: string) => boolean {
  if (!pattern.includes("*")) return (name) => name === pattern;
  const expression = new RegExp(`^${pattern.split("*").map(escapePattern).join(".*")}$`, "s");
  return (name) => expression.test(name);
}
