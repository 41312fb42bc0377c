import { isIP } from "node:net";
import { DATE_FORMATS, formatsOf, NANOS_FORMATS, parseDate } from "./dates.ts";
import { ElasticError, illegal } from "./errors.ts";
import { type Json, type JsonObject, say } from "./json.ts";

/** A value of a field as it is searched: dates are milliseconds, with nanoseconds they are bigints of these. */
export type Scalar = string | number | bigint | boolean;

/** How values of a type are read, compared and counted. */
export type Kind = "keyword" | "text" | "date" | "date_nanos" | "whole" | "real" | "boolean" | "ip" | "flattened";

/** A field of an index. */
export interface Field {
  readonly path: string;
  /** As the mapping says it. */
  readonly type: string;
  /** As `_field_caps` says it. */
  readonly family: string;
  readonly kind: Kind;
  readonly formats: readonly string[];
  readonly isSearchable: boolean;
  readonly isAggregatable: boolean;
  readonly ignoreAbove: number;
  readonly ignoreMalformed: boolean;
  readonly nullValue: Json | undefined;
  /** Of a multi-field: the field that it is another view of. */
  readonly parent: string | undefined;
  /** As it was declared. */
  readonly declared: JsonObject;
}

const KINDS: Readonly<Record<string, readonly [kind: Kind, family?: string]>> = {
  keyword: ["keyword"],
  constant_keyword: ["keyword", "keyword"],
  wildcard: ["keyword", "keyword"],
  text: ["text"],
  match_only_text: ["text", "text"],
  date: ["date"],
  date_nanos: ["date_nanos"],
  long: ["whole"],
  integer: ["whole"],
  short: ["whole"],
  byte: ["whole"],
  double: ["real"],
  float: ["real"],
  half_float: ["real"],
  scaled_float: ["real", "double"],
  boolean: ["boolean"],
  ip: ["ip"],
  flattened: ["flattened"],
};
const HARMLESS = [
  "norms",
  "index_options",
  "store",
  "coerce",
  "meta",
  "similarity",
  "eager_global_ordinals",
  "scaling_factor",
];
const KNOWN = new Set([
  "type",
  "fields",
  "index",
  "doc_values",
  "format",
  "ignore_above",
  "ignore_malformed",
  "null_value",
  "value",
  "fielddata",
  ...HARMLESS,
]);
const MALFORMED = "document_parsing_exception";

/** Reads what a mapping says of a field. */
export function readField(path: string, declared: JsonObject, parent?: string): Field {
  const type = say(declared["type"]);
  const found = KINDS[type];
  if (found === undefined)
    throw mapping(
      `The mapper type [${type}] declared on field [${path}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  for (const name of Object.keys(declared))
    if (!KNOWN.has(name)) throw mapping(`unknown parameter [${name}] on mapper [${path}] of type [${type}]`);
  const [kind, family = type] = found;
  const hasValues = declared["doc_values"] !== false;
  const { format } = declared;
  return {
    path,
    type,
    family,
    kind,
    formats: typeof format === "string" ? formatsOf(format) : kind === "date_nanos" ? NANOS_FORMATS : DATE_FORMATS,
    isSearchable: declared["index"] !== false || (hasValues && kind !== "text"),
    isAggregatable: kind === "text" ? declared["fielddata"] === true : hasValues,
    ignoreAbove: typeof declared["ignore_above"] === "number" ? declared["ignore_above"] : Number.POSITIVE_INFINITY,
    ignoreMalformed: declared["ignore_malformed"] === true,
    nullValue: declared["null_value"],
    parent,
    declared,
  };
}

/** A mapping that can not be. */
export function mapping(reason: string): ElasticError {
  const cause = { type: "mapper_parsing_exception", reason };
  return new ElasticError(cause.type, `Failed to parse mapping: ${reason}`, { details: { caused_by: cause } });
}

/** Reads a value of a document; throws what Elasticsearch refuses the document with. */
export function readValue(field: Field, value: Json, id: string): Scalar {
  try {
    return readTerm(field, value);
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error;
    const reason = `[1:1] failed to parse field [${field.path}] of type [${field.type}] in document with id '${id}'. Preview of field's value: '${say(value)}'`;
    throw new ElasticError(MALFORMED, reason, { details: { caused_by: error.body } });
  }
}

/** Reads a value that is searched for, or stored. */
export function readTerm(field: Field, value: Json): Scalar {
  const text = say(value);
  if (typeof value === "object")
    throw illegal(`Expected text but found ${Array.isArray(value) ? "START_ARRAY" : "START_OBJECT"}`);
  if (field.kind === "date" || field.kind === "date_nanos") return readDate(field, text);
  if (field.kind === "whole" || field.kind === "real") return readNumber(field, value);
  if (field.kind === "boolean") return readBoolean(value);
  if (field.kind === "ip" && isIP(text) === 0) throw illegal(`'${text}' is not an IP string literal.`);
  return text;
}

/** What a date field holds of a time; with nanoseconds none before 1970. */
export function heldDate({ kind }: Field, nanos: bigint): Scalar {
  if (kind !== "date_nanos") return Math.floor(Number(nanos / 1000n) / 1000);
  if (nanos >= 0n) return nanos;
  throw illegal("date is before the epoch in 1970 and cannot be stored in nanosecond resolution");
}

function readDate(field: Field, text: string): Scalar {
  const at = parseDate(text, field.formats);
  if (at !== undefined) return heldDate(field, at);
  throw new ElasticError(
    "illegal_argument_exception",
    `failed to parse date field [${text}] with format [${field.formats.join("||")}]`,
    {
      details: {
        caused_by: { type: "date_time_parse_exception", reason: "Failed to parse with all enclosed parsers" },
      },
    },
  );
}

function readNumber({ kind }: Field, value: Json): Scalar {
  const number =
    typeof value === "bigint" ? value : typeof value === "boolean" || value === "" ? Number.NaN : Number(value);
  if (typeof number === "number" && !Number.isFinite(number)) throw illegal(`For input string: "${say(value)}"`);
  return kind === "whole" && typeof number === "number"
    ? Math.trunc(number)
    : kind === "real"
      ? Number(number)
      : number;
}

function readBoolean(value: Json): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false" || value === "") return false;
  throw illegal(`Failed to parse value [${say(value)}] as only [true] or [false] are allowed.`);
}
