import { bindValues, eachValue } from "./bound-field.ts";
import { shardIllegal } from "./errors.ts";
import { printValue } from "./fetch.ts";
import type { Field } from "./field-types.ts";
import type { Json, JsonObject } from "./json.ts";
import { onlyFields, textAt } from "./read.ts";
import type { Aggregation } from "./scope.ts";
import { countValues } from "./value-counts.ts";

/** Aggregations of numbers to one number. */
export const METRICS = ["min", "max", "sum", "avg", "value_count"] as const;

type Metric = (typeof METRICS)[number];

interface Numbers {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** Reads `cardinality`; it is exact. */
export function cardinality(said: JsonObject): Aggregation {
  onlyFields(said, ["field", "precision_threshold"], "cardinality");
  const field = textAt(said["field"], "cardinality");
  return ({ rows }) => ({ value: countValues(rows, field, false).size });
}

/** Reads one of {@link METRICS}. */
export function metric(name: Metric, said: JsonObject): Aggregation {
  onlyFields(said, ["field"], name);
  const path = textAt(said["field"], name);
  return ({ rows }) => {
    const numbers: Numbers = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    let of: Field | undefined;
    for (const { index, docs } of rows) {
      const bound = bindValues(index, path);
      if (bound === undefined) continue;
      of = bound.field;
      if (name !== "value_count" && ["keyword", "ip", "flattened"].includes(of.kind)) throw unsupported(path, of, name);
      for (const doc of docs)
        eachValue(bound.column, doc, (value) =>
          add(
            numbers,
            typeof value === "bigint" && of?.kind === "date_nanos" ? Number(value / 1_000_000n) : Number(value),
          ),
        );
    }
    const value = valueOf(name, numbers);
    const text = name === "value_count" || value === null ? undefined : textOf(of, value);
    return { value, ...(text !== undefined && { value_as_string: text }) };
  };
}

function textOf(field: Field | undefined, value: number): Json | undefined {
  if (field?.kind === "boolean") return String(value !== 0);
  const isDate = field?.kind === "date" || field?.kind === "date_nanos";
  return isDate ? printValue({ kind: "date" }, Math.trunc(value), field.formats) : undefined;
}

function add(numbers: Numbers, value: number): void {
  numbers.count += 1;
  numbers.sum += value;
  numbers.min = Math.min(numbers.min, value);
  numbers.max = Math.max(numbers.max, value);
}

function valueOf(name: Metric, { count, sum, min, max }: Numbers): number | null {
  if (name === "value_count") return count;
  if (name === "sum") return sum;
  if (count === 0) return null;
  return name === "min" ? min : name === "max" ? max : sum / count;
}

const unsupported = (path: string, { type }: Field, name: Metric): Error =>
  shardIllegal(`Field [${path}] of type [${type}] is not supported for aggregation [${name}]`);
