import { bindValues, eachValue } from "./bound-field.ts";
import { formatsOf, parseBound, printDate, DATE_FORMATS } from "./dates.ts";
import { illegal, parsing, shardIllegal } from "./errors.ts";
import { type Json, type JsonObject, say } from "./json.ts";
import type { QueryWorld } from "./matcher.ts";
import { objectAt, onlyFields, textAt, wholeAt } from "./read.ts";
import type { Rows } from "./rows.ts";
import type { Aggregation, Bucketing, Scope } from "./scope.ts";

interface Histogram {
  readonly field: string;
  readonly step: number;
  readonly offset: number;
  readonly least: number;
  readonly formats: readonly string[] | undefined;
  readonly isKeyed: boolean;
  readonly extended: Limits | undefined;
  readonly hard: Limits | undefined;
}

interface Limits {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

const KNOWN = [
  "field",
  "fixed_interval",
  "calendar_interval",
  "min_doc_count",
  "extended_bounds",
  "hard_bounds",
  "format",
  "offset",
  "keyed",
  "time_zone",
  "order",
];
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const CALENDAR: Readonly<Record<string, string>> = {
  minute: "1m",
  "1m": "1m",
  hour: "1h",
  "1h": "1h",
  day: "1d",
  "1d": "1d",
};
const MOST_BUCKETS = 65_536;

/** Reads `date_histogram`, in UTC. */
export function dateHistogram(said: JsonObject, inner: Bucketing, world: QueryWorld): Aggregation {
  const histogram = readHistogram(said, world);
  return (scope) => bucketsOf(histogram, scope, inner);
}

function readHistogram(said: JsonObject, world: QueryWorld): Histogram {
  onlyFields(said, KNOWN, "date_histogram");
  if (!["UTC", "Z", "+00:00", undefined].some((zone) => zone === said["time_zone"]))
    throw parsing("[date_histogram] the lab has no time zones");
  if (said["order"] !== undefined) throw parsing("[date_histogram] the lab orders by time only");
  const formats = typeof said["format"] === "string" ? formatsOf(said["format"]) : undefined;
  const limits = (name: string): Limits | undefined => {
    const bounds = said[name];
    if (bounds === undefined) return undefined;
    const of = objectAt(bounds, name);
    return { min: millis(of["min"], formats, world), max: millis(of["max"], formats, world) };
  };
  return {
    field: textAt(said["field"], "date_histogram"),
    step: stepOf(said),
    offset: typeof said["offset"] === "string" ? signedLength(said["offset"]) : wholeAt(said["offset"], 0, "offset"),
    least: wholeAt(said["min_doc_count"], 0, "min_doc_count"),
    formats,
    isKeyed: said["keyed"] === true,
    extended: limits("extended_bounds"),
    hard: limits("hard_bounds"),
  };
}

function stepOf({ fixed_interval: fixed, calendar_interval: calendar }: JsonObject): number {
  if (typeof fixed === "string") return lengthOf(fixed);
  if (typeof calendar !== "string")
    throw illegal("Required one of fields [interval, calendar_interval, fixed_interval], but none were specified. ");
  const known = CALENDAR[calendar];
  if (known === undefined) throw parsing(`[date_histogram] the lab knows no [calendar_interval] of [${calendar}]`);
  return lengthOf(known);
}

function lengthOf(text: string): number {
  const [, count, unit = ""] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const length = Number(count ?? 0) * (UNITS[unit] ?? 0);
  if (length > 0) return length;
  throw illegal(
    `failed to parse setting [date_histogram.fixedInterval] with value [${text}] as a time value: unit is missing or unrecognized`,
  );
}

const signedLength = (text: string): number => (text.startsWith("-") ? -1 : 1) * lengthOf(text.replace(/^[+-]/, ""));

function millis(
  bound: Json | undefined,
  formats: readonly string[] | undefined,
  { now }: QueryWorld,
): number | undefined {
  if (bound === undefined || bound === null) return undefined;
  const at = parseBound(
    say(bound),
    typeof bound === "number" ? ["epoch_millis"] : (formats ?? DATE_FORMATS),
    false,
    now,
  );
  if (at === undefined)
    throw parsing(`failed to parse date field [${say(bound)}] with format [${(formats ?? DATE_FORMATS).join("||")}]`);
  return Number(at / 1_000_000n);
}

function bucketsOf(histogram: Histogram, scope: Scope, inner: Bucketing): JsonObject {
  const { step, offset, least, formats, isKeyed, extended, hard } = histogram;
  const keyOf = (at: number): number => Math.floor((at - offset) / step) * step + offset;
  const found = collect(histogram, scope.rows, keyOf);
  const keys = [...found.keys()];
  if (least === 0)
    for (const bound of [extended?.min, extended?.max])
      if (bound !== undefined) keys.push(Math.floor(bound / step) * step + offset);
  const isWithin = (key: number): boolean =>
    (hard?.min === undefined || key >= keyOf(hard.min)) && (hard?.max === undefined || key <= hard.max);
  const buckets = range(keys, least === 0 ? step : 0)
    .filter(isWithin)
    .map((key) => ({
      key_as_string: printDate(BigInt(key) * 1_000_000n, formats ?? DATE_FORMATS),
      key,
      ...inner({ ...scope, rows: found.get(key) ?? [] }),
    }))
    .filter(({ doc_count: count }) => count >= least);
  return { buckets: isKeyed ? Object.fromEntries(buckets.map((bucket) => [bucket.key_as_string, bucket])) : buckets };
}

/** The keys in order; with a step, those between them too. */
function range(keys: readonly number[], step: number): readonly number[] {
  const sorted = [...new Set(keys)].toSorted((one, other) => one - other);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (step === 0 || first === undefined || last === undefined) return sorted;
  const count = (last - first) / step + 1;
  if (count > MOST_BUCKETS)
    throw shardIllegal(
      `Trying to create too many buckets. Must be less than or equal to: [${MOST_BUCKETS}] but was [${count}]. This limit can be set by changing the [search.max_buckets] cluster level setting.`,
    );
  return Array.from({ length: count }, (_, at) => first + at * step);
}

function collect(
  { field }: Histogram,
  rows: readonly Rows[],
  keyOf: (at: number) => number,
): ReadonlyMap<number, Rows[]> {
  const found = new Map<number, { index: Rows["index"]; docs: number[] }[]>();
  for (const { index, docs } of rows) {
    const bound = bindValues(index, field);
    if (bound === undefined) continue;
    if (bound.field.kind !== "date" && bound.field.kind !== "date_nanos")
      throw shardIllegal(
        `Field [${field}] of type [${bound.field.type}] is not supported for aggregation [date_histogram]`,
      );
    for (const doc of docs) {
      const keys = new Set<number>();
      eachValue(bound.column, doc, (value) =>
        keys.add(keyOf(typeof value === "bigint" ? Number(value / 1_000_000n) : Number(value))),
      );
      for (const key of keys) {
        const held = found.get(key) ?? [];
        found.set(key, held);
        const last = held.at(-1);
        if (last?.index === index) last.docs.push(doc);
        else held.push({ index, docs: [doc] });
      }
    }
  }
  return found;
}
