import { Buffer } from "node:buffer";
import { type Der, DerError, TAG } from "./der.ts";

/** Lower-case hexadecimal of bytes. */
export const hex = (bytes: Uint8Array): string => view(bytes).toString("hex");

/** The bytes as a Buffer of the same memory. */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The dotted form of an object identifier, such as `2.5.4.3`. Throws `DerError` when it is none. */
export function oid(element: Der): string {
  const bytes = element.as(TAG.oid).content;
  const arcs: string[] = [];
  let arc = 0;
  for (const byte of bytes) {
    if (arc > Number.MAX_SAFE_INTEGER / 256)
      throw new DerError(`a too large object identifier at byte ${element.start}`);
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) {
      const root = Math.min(Math.floor(arc / 40), 2);
      arcs.push(String(root), String(arc - root * 40));
    } else arcs.push(String(arc));
    arc = 0;
  }
  if (arcs.length === 0 || (bytes.at(-1) ?? 0) >= 0x80)
    throw new DerError(`no object identifier at byte ${element.start}`);
  return arcs.join(".");
}

/** An INTEGER or ENUMERATED in decimal, negative ones too. */
export function decimal(element: Der): string {
  const { contentStart, end, bytes } = element;
  if (contentStart === end) throw new DerError(`an empty number at byte ${element.start}`);
  const negative = (bytes[contentStart] ?? 0) >= 0x80;
  if (end - contentStart <= MAX_SMALL_BYTES) {
    let value = 0;
    for (let i = contentStart; i < end; i++) value = value * 256 + (bytes[i] ?? 0);
    return String(negative ? value - 256 ** (end - contentStart) : value);
  }
  // Turning n bytes to decimal costs n squared, and no honest number has more than a few dozen.
  if (end - contentStart > MAX_NUMBER_BYTES) throw new DerError(`a too large number at byte ${element.start}`);
  const value = BigInt(`0x${hex(element.content)}`);
  return (negative ? value - (1n << BigInt(8 * (end - contentStart))) : value).toString();
}

const MAX_SMALL_BYTES = 6;
const MAX_NUMBER_BYTES = 1024;

/** A small INTEGER or ENUMERATED, such as a version. Throws `DerError` beyond 2^48. */
export function small(element: Der): number {
  if (element.end - element.contentStart > MAX_SMALL_BYTES)
    throw new DerError(`a too large number at byte ${element.start}`);
  return Number(decimal(element));
}

/** How many bits an INTEGER has, leading zeros left out. */
export function bitLength(element: Der): number {
  let start = element.as(TAG.integer).contentStart;
  while (start < element.end && element.bytes[start] === 0) start++;
  if (start === element.end) return 0;
  return (element.end - start) * 8 - Math.clz32(element.bytes[start] ?? 0) + 24;
}

const TIME =
  /^(?<year>\d{2}|\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)?(?:[.,]\d+)?(?:Z|(?<offset>[+-]\d{4}))$/;

/**
 * A UTCTime or GeneralizedTime in Unix seconds, fractions cut off; RFC 5280 section 4.1.2.5 says where centuries begin.
 */
export function time(element: Der): number {
  const text = latin1(element.content);
  const groups = isTime(element.tag) && text.length <= 40 ? TIME.exec(text)?.groups : undefined;
  const digits = element.tag === TAG.utcTime ? 2 : 4;
  if (groups?.["year"]?.length !== digits) throw new DerError(`no time at byte ${element.start}`);
  const { month = "", day = "", hour = "", minute = "", second = "0", offset = "+0000" } = groups;
  const written = Number(groups["year"]);
  const year = digits === 4 ? written : written + (written < 50 ? 2000 : 1900);
  const date = new Date(0);
  date.setUTCFullYear(year, Number(month) - 1, Number(day));
  const right = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  // A 60th second and an hour 24 are not refused: what counts is the moment.
  if (!right || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) {
    throw new DerError(`no time at byte ${element.start}`);
  }
  const sign = offset.startsWith("-") ? -1 : 1;
  const shift = sign * (Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(3)) * 60);
  return date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - shift;
}

/** Whether an element with this tag is a time. */
export const isTime = (tag: number | undefined): boolean => tag === TAG.utcTime || tag === TAG.generalizedTime;

/**
 * The text of a string of any of ASN.1's kinds; undefined for what is no string. What is not valid in its kind becomes
 * U+FFFD.
 */
export function text(element: Der): string | undefined {
  const decode = STRINGS[element.tag];
  return decode?.(element.content);
}

/** The bytes as text, each one a character (IA5String and its kin). */
export const latin1 = (bytes: Uint8Array): string => view(bytes).toString("latin1");

const utf8 = (bytes: Uint8Array): string => view(bytes).toString("utf8");

/** Teletex strings are Latin-1 in practice, as every other reader has it too. */
const STRINGS: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  0x0c: utf8,
  0x12: latin1,
  0x13: utf8,
  0x14: latin1,
  0x16: utf8,
  0x1a: latin1,
  0x1c: (bytes) => wide(bytes, 4),
  0x1e: (bytes) => wide(bytes, 2),
};

function wide(bytes: Uint8Array, width: 2 | 4): string {
  const data = view(bytes);
  let result = "";
  for (let i = 0; i + width <= data.length; i += width) {
    const point = data.readUIntBE(i, width);
    result += point > 0x10_ff_ff ? "\ufffd" : String.fromCodePoint(point);
  }
  // Some writers end the text with a zero, as C has it.
  return result.replace(/\0$/, "").toWellFormed();
}

/** Tag and length of an element whose content has so many bytes. */
export function derHeader(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(tag, 0x80 | bytes.length, ...bytes);
}
