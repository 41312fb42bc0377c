import { bind, someValue, type BoundField } from "./bound-field.ts";
import { ElasticError, parsing, shardIllegal, ShardError } from "./errors.ts";
import { readTerm as readValue, type Scalar } from "./field-types.ts";
import { analyze } from "./analyzer.ts";
import { isObject, wildcard, escapePattern, type Json, type JsonObject, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import { scored, NO_MATCH, type Matcher, type Query } from "./matcher.ts";
import { oneField, onlyKnown } from "./read.ts";

/** Reads `term`. */
export function readTerm(clause: JsonObject): Query {
  const [name, said] = oneField(clause, "term");
  if (isObject(said)) onlyKnown(said, ["value", "boost", "case_insensitive", "_name"], "term");
  if (Array.isArray(said)) throw parsing("[term] query does not support array of values");
  const value = isObject(said) ? said["value"] : said;
  if (value === undefined || value === null)
    throw new ElasticError("illegal_argument_exception", "value cannot be null");
  const ignoresCase = isObject(said) && said["case_insensitive"] === true;
  return (index) => termMatcher(index, name, [value], ignoresCase);
}

/** Reads `terms`. */
export function readTerms(clause: JsonObject): Query {
  const [name, said] = oneField(clause, "terms");
  if (!Array.isArray(said)) throw parsing("[terms] query requires an array of terms; the lab looks up no documents");
  const values = said as readonly Json[];
  if (values.includes(null)) throw new ElasticError("illegal_argument_exception", "No value specified for terms query");
  return (index) => termMatcher(index, name, values, false);
}

/** Reads `prefix` and `wildcard`. */
export function readPattern(kind: "prefix" | "wildcard", clause: JsonObject): Query {
  const [name, said] = oneField(clause, kind);
  if (isObject(said)) onlyKnown(said, ["value", "wildcard", "boost", "case_insensitive", "rewrite", "_name"], kind);
  const value = isObject(said) ? (said["value"] ?? said["wildcard"]) : said;
  if (typeof value !== "string") throw parsing(`[${kind}] query needs a text`);
  const ignoresCase = isObject(said) && said["case_insensitive"] === true;
  return (index) =>
    patternMatcher(
      index,
      name,
      kind === "prefix" ? (text) => text.startsWith(fold(value, ignoresCase)) : wildcardOf(fold(value, ignoresCase)),
      ignoresCase,
    );
}

/** What tests the texts of a field: whole values of a keyword, single words of a text. */
export function patternMatcher(
  index: LabIndex,
  name: string,
  fits: (text: string) => boolean,
  ignoresCase: boolean,
): Matcher {
  const bound = bind(index, name);
  if (bound === undefined) return () => NO_MATCH;
  const { field, column } = bound;
  if (field.kind !== "text" && field.kind !== "keyword" && field.kind !== "flattened")
    throw new ShardError(
      "query_shard_exception",
      `Can only use wildcard queries on keyword, text and wildcard fields - not on [${name}] which is of type [${field.type}]`,
    );
  const test = (value: Scalar): boolean =>
    field.kind === "text" ? analyze(String(value)).some(fits) : fits(fold(String(value), ignoresCase));
  return (doc) => scored(someValue(column, doc, test));
}

const fold = (text: string, ignoresCase: boolean): string => (ignoresCase ? text.toLowerCase() : text);

/** A pattern with `*` and `?`. */
export function wildcardOf(pattern: string): (text: string) => boolean {
  if (!/[?\\]/.test(pattern)) return wildcard(pattern);
  const source = pattern.replace(/\\(.)|[*?]|[^*?\\]+/gs, (part, escaped: string | undefined) =>
    escaped !== undefined ? escapePattern(escaped) : part === "*" ? ".*" : part === "?" ? "." : escapePattern(part),
  );
  const expression = new RegExp(`^${source}$`, "su");
  return (text) => expression.test(text);
}

/** What tests a field for one of the values, exactly as they are held. */
export function termMatcher(index: LabIndex, name: string, values: readonly Json[], ignoresCase: boolean): Matcher {
  if (name === "_id") return (doc) => scored(values.includes(index.ids[doc] ?? ""));
  if (name === "_index") return constant(values.some((value) => wildcard(say(value))(index.name)));
  const bound = bind(index, name);
  if (bound === undefined) return () => NO_MATCH;
  const { field, column } = bound;
  if (!field.isSearchable)
    throw shardIllegal(`Cannot search on field [${name}] since it is not indexed nor has doc values.`);
  const wanted = new Set(values.map((value) => termOf(bound, value, ignoresCase)));
  if (field.kind === "text")
    return (doc) => scored(someValue(column, doc, (text) => analyze(String(text)).some((word) => wanted.has(word))));
  return (doc) =>
    scored(someValue(column, doc, (value) => wanted.has(ignoresCase ? fold(String(value), true) : value)));
}

function termOf({ field }: BoundField, value: Json, ignoresCase: boolean): Scalar {
  if (ignoresCase) return fold(say(value), true);
  if (field.kind === "ip" && say(value).includes("/"))
    throw shardIllegal(`the lab does not search [${field.path}] by networks`);
  try {
    return readValue(field, value);
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error;
    throw new ShardError("query_shard_exception", `failed to create query: ${error.message}`, {
      details: { index_uuid: "_na_", caused_by: error.body },
    });
  }
}

const constant =
  (matches: boolean): Matcher =>
  () =>
    scored(matches);
