import { eachValue } from "./bound-field.ts";
import { formatsOf, printDate } from "./dates.ts";
import { parsing } from "./errors.ts";
import type { Field, Scalar } from "./field-types.ts";
import { decode, isObject, listOf, wildcard, type Json, type JsonObject, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import { onlyFields } from "./read.ts";

interface Asked {
  readonly pattern: string;
  readonly fits: (name: string) => boolean;
  readonly formats: readonly string[] | undefined;
}

/** What of a document is given. */
export interface Fetch {
  /** Undefined when the document is not given. */
  source(index: LabIndex, doc: number): JsonObject | undefined;
  /** Undefined when no fields are asked for. */
  fields(index: LabIndex, doc: number): JsonObject | undefined;
  /** Those of the fields asked for that hold what is not searched, with it. */
  ignored(index: LabIndex, doc: number): JsonObject;
}

/** Reads `_source` and `fields`. */
export function readFetch(body: JsonObject): Fetch {
  const source = readSource(body["_source"]);
  const asked = [...listOf(body["fields"]), ...listOf(body["docvalue_fields"])].map(readAsked);
  return {
    source: (index, doc) => source?.(decode(index.sources[doc] ?? "{}")),
    fields: (index, doc) => (asked.length === 0 ? undefined : fieldsOf(index, doc, asked)),
    ignored: (index, doc) => {
      const all = Object.entries(index.ignored.get(doc) ?? {});
      return Object.fromEntries(all.filter(([name]) => asked.some(({ fits }) => fits(name))));
    },
  };
}

function readAsked(each: Json): Asked {
  const said = isObject(each) ? each : { field: each };
  onlyFields(said, ["field", "format", "include_unmapped"], "fields");
  const { field, format } = said;
  if (typeof field !== "string") throw parsing("[fields] needs a [field]");
  return { pattern: field, fits: wildcard(field), formats: typeof format === "string" ? formatsOf(format) : undefined };
}

function fieldsOf(index: LabIndex, doc: number, asked: readonly Asked[]): JsonObject {
  const { mapping } = index;
  const fields: Record<string, Json> = {};
  for (const { pattern, fits, formats } of asked) {
    const names = pattern.includes("*") ? mapping.names().filter(fits) : [pattern];
    for (const name of names) {
      const field = mapping.find(name);
      const values = field === undefined ? [] : valuesOf(index, doc, field, formats);
      if (values.length > 0) fields[name] = values;
    }
  }
  return fields;
}

function valuesOf(index: LabIndex, doc: number, field: Field, formats: readonly string[] | undefined): readonly Json[] {
  if (field.kind === "flattened") return listOf(at(decode(index.sources[doc] ?? "{}"), field.path));
  const values: Json[] = [];
  eachValue(index.column(field), doc, (value) => values.push(printValue(field, value, formats ?? field.formats)));
  return values;
}

/** A value as an answer gives it. */
export function printValue({ kind }: Pick<Field, "kind">, value: Scalar, formats: readonly string[]): Json {
  if (kind !== "date" && kind !== "date_nanos") return value;
  return printDate(typeof value === "bigint" ? value : BigInt(Number(value)) * 1_000_000n, formats);
}

function at(source: Json, path: string): Json | undefined {
  if (!isObject(source)) return undefined;
  const own = source[path];
  if (own !== undefined) return own;
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = at(source[path.slice(0, dot)] ?? null, path.slice(dot + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function readSource(said: Json | undefined): ((source: Json) => JsonObject) | undefined {
  if (said === false || said === "false") return undefined;
  if (said === undefined || said === true) return (source) => source as JsonObject;
  const filter = isObject(said) ? said : { includes: said };
  onlyFields(filter, ["includes", "include", "excludes", "exclude"], "_source");
  const includes = patterns(filter["includes"] ?? filter["include"]);
  const excludes = patterns(filter["excludes"] ?? filter["exclude"]);
  const isGiven = (path: string): boolean =>
    (includes.length === 0 || includes.some((fits) => fits(path))) && !excludes.some((fits) => fits(path));
  return (source) => prune("", source as JsonObject, isGiven);
}

/** A pattern names a field, and all that is below it. */
const patterns = (said: Json | undefined): readonly ((path: string) => boolean)[] =>
  listOf(said).flatMap((each) => [wildcard(say(each)), wildcard(`${say(each)}.*`)]);

function prune(prefix: string, source: JsonObject, isGiven: (path: string) => boolean): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(source)) {
    const path = prefix + name;
    if (!isObject(value)) {
      if (isGiven(path)) kept[name] = value;
      continue;
    }
    const inner = prune(`${path}.`, value, isGiven);
    if (Object.keys(inner).length > 0) kept[name] = inner;
  }
  return kept;
}
