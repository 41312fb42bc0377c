import { ElasticError, parsing } from "./errors.ts";
import { isObject, type Json, type JsonObject, say } from "./json.ts";

/** The value as an object, or the error that names what it belongs to. */
export function objectAt(value: Json | undefined, what: string): JsonObject {
  if (isObject(value)) return value;
  throw parsing(`[${what}] malformed, expected START_OBJECT`);
}

/** Refuses members of a query's clause that are not among the known ones: what is not known is not guessed. */
export function onlyKnown(clause: JsonObject, known: readonly string[], query: string): void {
  for (const name of Object.keys(clause))
    if (!known.includes(name)) throw parsing(`[${query}] query does not support [${name}]`);
}

/** Refuses members of another object that are not among the known ones. */
export function onlyFields(object: JsonObject, known: readonly string[], what: string): void {
  for (const name of Object.keys(object))
    if (!known.includes(name))
      throw new ElasticError("x_content_parse_exception", `[1:1] [${what}] unknown field [${name}]`);
}

/** A whole number, also one that is written as a text; `otherwise` where there is none. */
export function wholeAt(value: Json | undefined, otherwise: number, what: string): number {
  if (value === undefined || value === null) return otherwise;
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  if (!Number.isInteger(number)) throw parsing(`[${what}] failed to parse value [${say(value)}] as a whole number`);
  return number;
}

/** A text. */
export function textAt(value: Json | undefined, what: string): string {
  if (typeof value === "string") return value;
  throw parsing(`[${what}] must be a text`);
}

/** The one field that a clause is about, with what is said of it. */
export function oneField(clause: JsonObject, name: string): readonly [field: string, value: Json] {
  const { boost: _, _name: __, ...fields } = clause;
  const [first, second] = Object.entries(fields);
  if (first === undefined) throw parsing(`[${name}] query malformed, no field`);
  if (second !== undefined)
    throw parsing(`[${name}] query doesn't support multiple fields, found [${first[0]}] and [${second[0]}]`);
  return first;
}
