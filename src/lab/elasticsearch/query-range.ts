import { bind, someValue, type BoundField } from "./bound-field.ts";
import { formatsOf, parseBound } from "./dates.ts";
import { parsing, ShardError, shardIllegal } from "./errors.ts";
import { heldDate, readTerm, type Scalar } from "./field-types.ts";
import { type Json, type JsonObject, say } from "./json.ts";
import { NO_MATCH, scored, type Query, type QueryWorld } from "./matcher.ts";
import { objectAt, oneField } from "./read.ts";

/** Bounds of a range, as they were given. */
export interface Bounds {
  readonly gt?: Json;
  readonly gte?: Json;
  readonly lt?: Json;
  readonly lte?: Json;
}

type Limit = "gt" | "gte" | "lt" | "lte";

const LIMITS: readonly Limit[] = ["gt", "gte", "lt", "lte"];
const OTHERS = new Set(["format", "time_zone", "boost", "relation", "_name"]);

/** Reads `range`. */
export function readRange(clause: JsonObject, world: QueryWorld): Query {
  const [name, said] = oneField(clause, "range");
  const range = objectAt(said, "range");
  for (const key of Object.keys(range))
    if (!LIMITS.some((limit) => limit === key) && !OTHERS.has(key))
      throw parsing(`[range] query does not support [${key}]`);
  if (!["Z", "UTC", "+00:00", undefined].some((zone) => zone === range["time_zone"]))
    throw parsing("[range] the lab has no time zones");
  const formats = typeof range["format"] === "string" ? formatsOf(range["format"]) : undefined;
  return rangeOf(name, range, formats, world);
}

/** The documents whose field has a value within the bounds. */
export function rangeOf(
  name: string,
  bounds: Bounds,
  formats: readonly string[] | undefined,
  world: QueryWorld,
): Query {
  return (index) => {
    const bound = bind(index, name);
    const isDate = bound?.field.kind === "date" || bound?.field.kind === "date_nanos";
    // without a value in the index its bounds are not even read
    if (bound === undefined || (isDate && !index.hasValues(bound.field))) return () => NO_MATCH;
    // a bound that is a number makes all of them milliseconds
    const known = formats ?? (LIMITS.some((limit) => typeof bounds[limit] === "number") ? ["epoch_millis"] : undefined);
    const tests = LIMITS.flatMap((limit) => {
      const given = bounds[limit];
      return given === undefined || given === null ? [] : [testOf(limit, boundOf(bound, given, limit, known, world))];
    });
    return (doc) => scored(someValue(bound.column, doc, (value) => tests.every((test) => test(value))));
  };
}

function testOf(limit: Limit, bound: Scalar): (value: Scalar) => boolean {
  if (limit === "gt") return (value) => value > bound;
  if (limit === "gte") return (value) => value >= bound;
  return limit === "lt" ? (value) => value < bound : (value) => value <= bound;
}

function boundOf(
  { field }: BoundField,
  given: Json,
  limit: Limit,
  formats: readonly string[] | undefined,
  { now }: QueryWorld,
): Scalar {
  if (field.kind === "ip") throw shardIllegal(`the lab does not search [${field.path}] by ranges of addresses`);
  if (field.kind === "text" || field.kind === "flattened")
    throw shardIllegal(`the lab does not search [${field.path}] of type [${field.type}] by ranges`);
  if (field.kind !== "date" && field.kind !== "date_nanos") return numberOrText(field, given);
  const known = formats ?? field.formats;
  const at = parseBound(say(given), known, limit === "gt" || limit === "lte", now);
  if (at !== undefined) return onShard(() => heldDate(field, at));
  const failure = `failed to parse date field [${say(given)}] with format [${known.join("||")}]`;
  throw new ShardError("parse_exception", `${failure}: [${failure}]`, {
    details: { caused_by: { type: "illegal_argument_exception", reason: failure } },
  });
}

/** Bounds of whole numbers may have fractions, so they are read as what they are. */
function numberOrText(field: BoundField["field"], given: Json): Scalar {
  if (field.kind !== "whole") return readTerm(field, given);
  const number = typeof given === "bigint" ? given : Number(given);
  if (Number.isNaN(number))
    throw new ShardError("query_shard_exception", `failed to create query: For input string: "${say(given)}"`);
  return number;
}

function onShard(read: () => Scalar): Scalar {
  try {
    return read();
  } catch (error) {
    throw shardIllegal(error instanceof Error ? error.message : String(error));
  }
}
