import { bindValues, eachValue } from "./bound-field.ts";
import { printValue } from "./fetch.ts";
import type { Field, Scalar } from "./field-types.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Rows } from "./rows.ts";

/** A value of a field with the documents that have it. */
export interface ValueRows {
  readonly value: Scalar;
  readonly field: Field;
  readonly count: number;
  readonly rows: readonly Rows[];
}

/** The values of a field, in no order. Without `withRows` their documents are not collected. */
export function countValues(rows: readonly Rows[], name: string, withRows: boolean): ReadonlyMap<Scalar, ValueRows> {
  const counts = new Map<
    Scalar,
    { value: Scalar; field: Field; count: number; rows: { index: Rows["index"]; docs: number[] }[] }
  >();
  for (const { index, docs } of rows) {
    const bound = bindValues(index, name);
    if (bound === undefined) continue;
    for (const doc of docs) {
      const seen = new Set<Scalar>();
      eachValue(bound.column, doc, (value) => {
        // a value that a document has twice counts once
        if (seen.has(value)) return;
        seen.add(value);
        const held = counts.get(value) ?? { value, field: bound.field, count: 0, rows: [] };
        counts.set(value, held);
        held.count += 1;
        if (!withRows) return;
        const last = held.rows.at(-1);
        if (last?.index === index) last.docs.push(doc);
        else held.rows.push({ index, docs: [doc] });
      });
    }
  }
  return counts;
}

/** The key of a bucket, and its text where it differs. */
export function bucketKey(field: Field, value: Scalar): JsonObject {
  if (field.kind === "boolean") return { key: value === true ? 1 : 0, key_as_string: String(value) };
  if (field.kind === "date" || field.kind === "date_nanos") {
    const at: Json = typeof value === "bigint" ? Number(value / 1_000_000n) : value;
    return { key: at, key_as_string: printValue(field, value, field.formats) };
  }
  return { key: value };
}

/** Orders buckets by their keys: addresses by their numbers, all else by itself. */
export function compareKeys(one: ValueRows, other: ValueRows): number {
  const [left, right] =
    one.field.kind === "ip" ? [numberOf(one.value), numberOf(other.value)] : [one.value, other.value];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The 128 bits of an address, those of IPv4 as IPv6 holds them. */
function numberOf(address: Scalar): bigint {
  const text = String(address);
  if (!text.includes(":"))
    return 0xff_ff_00_00_00_00n + text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = text.split("::").map((half) => half.split(":").filter((part) => part !== ""));
  const gap = tail === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...gap, ...(tail ?? [])].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}
