import type { TraceSpan } from "../../core/telemetry.ts";
import { clip } from "../../lib/text.ts";
import type { Attributes } from "./span-row.ts";

/** An object of an answer, of which nothing is known yet. */
export type Loose = Readonly<Record<string, unknown>>;

/** Most characters of a text of a span; bounds what a hostile one takes. */
export const MAX_TEXT = 1_024;
/** Most attributes of a span, a resource or an event. */
export const MAX_ATTRIBUTES = 256;

/** The value when it is an object, else an empty one. */
export function looseObject(value: unknown): Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The objects of a list; none when it is no list. */
export function looseList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(looseObject) : [];
}

/** A text of at most 1 KiB; empty when it is none. */
export function looseShort(value: unknown): string {
  return typeof value === "string" ? clip(value, MAX_TEXT) : "";
}

/** Attributes of OTLP JSON as texts. Lists and maps become JSON. The first of a name counts. */
export function readAttributes(value: unknown): Attributes {
  const found: Record<string, string> = Object.create(null);
  for (const { key, value: given } of looseList(value).slice(0, MAX_ATTRIBUTES)) {
    if (typeof key !== "string" || key === "" || key in found) continue;
    const text = attributeText(given);
    if (text !== undefined) found[clip(key, MAX_TEXT)] = clip(text, MAX_TEXT);
  }
  return { ...found };
}

/** One value of OTLP's AnyValue as a text; undefined when it is empty. */
export function attributeText(value: unknown): string | undefined {
  const plain = plainValue(value);
  if (plain === undefined) return undefined;
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}

function plainValue(value: unknown): unknown {
  const any = looseObject(value);
  for (const key of ["stringValue", "intValue", "boolValue", "doubleValue", "bytesValue"]) {
    const found = any[key];
    if (found !== undefined) return found;
  }
  if (any["arrayValue"] !== undefined) return looseList(looseObject(any["arrayValue"])["values"]).map(plainValue);
  if (any["kvlistValue"] === undefined) return undefined;
  const pairs = looseList(looseObject(any["kvlistValue"])["values"]);
  return Object.fromEntries(pairs.map(({ key, value: inner }) => [String(key), plainValue(inner)]));
}

/** Nanoseconds since 1970 of OTLP JSON, a text or number, as milliseconds with fractions; undefined when it is none. */
export function readNanos(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? value / 1e6 : undefined;
  if (typeof value !== "string" || !/^\d{1,20}$/.test(value) || /^0+$/.test(value)) return undefined;
  // a number holds no 19 digits
  const digits = value.padStart(7, "0");
  return Number(`${digits.slice(0, -6)}.${digits.slice(-6)}`);
}

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/**
 * A span's kind, as a number or a name such as `SPAN_KIND_SERVER`; none is `unspecified`. Undefined for what is no
 * kind.
 * Source: opentelemetry/proto/trace/v1/trace.proto.
 */
export function readKind(value: unknown): TraceSpan["kind"] | undefined {
  const number = enumNumber(value);
  if (number !== undefined) return KINDS[number];
  const name = typeof value === "string" ? value.replace(/^SPAN_KIND_/i, "").toLowerCase() : "";
  return KINDS.find((kind) => kind === name);
}

const STATUS = ["unset", "ok", "error"] as const;

/**
 * A span's status, as a number or a name such as `STATUS_CODE_ERROR`; none is `unset`. Undefined for what is no status.
 */
export function readStatus(value: unknown): TraceSpan["status"] | undefined {
  const number = enumNumber(value);
  if (number !== undefined) return STATUS[number];
  return STATUS.find((status) => value === `STATUS_CODE_${status.toUpperCase()}`);
}

/** A value of an enum that is written as a number, also in a text; what is left out is 0. */
function enumNumber(value: unknown): number | undefined {
  if (value === undefined || value === "") return 0;
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d$/.test(value) ? Number(value) : undefined;
}
