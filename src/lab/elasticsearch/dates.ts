import { illegal } from "./errors.ts";

/** A time in nanoseconds since 1970. */
export type Nanos = bigint;

export const DATE_FORMATS: readonly string[] = ["strict_date_optional_time", "epoch_millis"];
export const NANOS_FORMATS: readonly string[] = ["strict_date_optional_time_nanos", "epoch_millis"];

const MS = 1_000_000n;
const ISO =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?$/;
const FORMATS: Readonly<Record<string, (text: string, up: boolean) => Nanos | undefined>> = {
  strict_date_optional_time: iso,
  date_optional_time: iso,
  // of a time it wants the seconds too
  strict_date_optional_time_nanos: (text, up) => (/T(?!..:..:..)/.test(text) ? undefined : iso(text, up)),
  strict_date_time: (text, up) => (text.includes("T") ? iso(text, up) : undefined),
  iso8601: iso,
  epoch_millis: (text) => epoch(text, MS),
  epoch_second: (text) => epoch(text, 1000n * MS),
  "yyyy-MM-dd": (text, up) => (/^\d{4}-\d\d-\d\d$/.test(text) ? iso(text, up) : undefined),
  "yyyy-MM-dd HH:mm:ss": (text, up) => spaced(text, up, /^.{10} .{8}$/),
  "yyyy-MM-dd HH:mm:ss.SSS": (text, up) => spaced(text, up, /^.{10} .{8}\..{3}$/),
};
const PRINTED: Readonly<Record<string, (at: Nanos) => string>> = {
  epoch_millis: (at) => (at % MS === 0n ? String(at / MS) : `${at / MS}.${String(at % MS).padStart(6, "0")}`),
  epoch_second: (at) => String(Number(at / MS) / 1000),
  "yyyy-MM-dd": (at) => printIso(at).slice(0, 10),
};

/** The formats that `a||b` names; throws for one that the lab does not know. */
export function formatsOf(text: string): readonly string[] {
  const formats = text.split("||");
  for (const format of formats) if (!(format in FORMATS)) throw illegal(`Invalid format: [${format}]: Unknown pattern`);
  return formats;
}

/**
 * The time that a text says in one of the formats; what it leaves out is the least there can be, or the most with `up`.
 */
export function parseDate(text: string, formats: readonly string[], up = false): Nanos | undefined {
  for (const format of formats) {
    const at = FORMATS[format]?.(text, up);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** The text of a time in the first of the formats. */
export function printDate(at: Nanos, formats: readonly string[]): string {
  return (PRINTED[formats[0] ?? ""] ?? printIso)(at);
}

const ROUNDED: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  H: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A bound of a range: a time in one of the formats or `now`, with date math such as `-1h/d` after `now` or `||`. */
export function parseBound(text: string, formats: readonly string[], up: boolean, now: number): Nanos | undefined {
  const [base = "", math] = text.startsWith("now") ? ["now", text.slice("now".length)] : text.split("||");
  const start = base === "now" ? BigInt(now) * MS : parseDate(base, formats, up && math === undefined);
  return start === undefined || math === undefined ? start : calculate(start, math, up);
}

function calculate(start: Nanos, math: string, up: boolean): Nanos | undefined {
  let at = start / MS;
  let rest = math;
  while (rest !== "") {
    const step = /^(?:([+-])(\d*)|\/)([smhHdw])/.exec(rest);
    if (step === null) return undefined;
    const [whole, sign, count = "", unit = ""] = step;
    const length = BigInt(ROUNDED[unit] ?? 0);
    if (sign !== undefined) at += (sign === "+" ? 1n : -1n) * BigInt(count || 1) * length;
    else at = floor(at, length) + (up ? length - 1n : 0n);
    rest = rest.slice(whole.length);
  }
  return at * MS;
}

const floor = (value: bigint, step: bigint): bigint => value - (((value % step) + step) % step);

function iso(text: string, up: boolean): Nanos | undefined {
  const found = ISO.exec(text);
  if (found === null) return undefined;
  const [, year = "", month, day, hour, minute, second, fraction, zone] = found;
  const last = new Date(Date.UTC(Number(year), Number(month ?? 12), 0)).getUTCDate();
  const [top, days] = up ? [[23, 59, 59], last] : [[0, 0, 0], 1];
  const parts = [hour, minute, second].map((part, index) => Number(part ?? top[index]));
  const date = [Number(year), Number(month ?? (up ? 12 : 1)) - 1, Number(day ?? days)] as const;
  const at = Date.UTC(...date, parts[0], parts[1], parts[2]);
  const read = new Date(at);
  const isReal =
    read.getUTCMonth() === date[1] && read.getUTCDate() === date[2] && (parts[1] ?? 0) < 60 && (parts[2] ?? 0) < 60;
  if (!isReal) return undefined;
  const nanos = fraction === undefined ? (up ? 999_999_999n : 0n) : BigInt(fraction.padEnd(9, "0"));
  return BigInt(at - offsetOf(zone)) * MS + nanos;
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0);
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000;
}

function epoch(text: string, unit: bigint): Nanos | undefined {
  const found = /^(-?\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (found === null) return undefined;
  const [, whole = "", fraction = ""] = found;
  return BigInt(whole) * unit + (BigInt(fraction.padEnd(9, "0")) * unit) / 1_000_000_000n;
}

const spaced = (text: string, up: boolean, shape: RegExp): Nanos | undefined =>
  shape.test(text) ? iso(text.replace(" ", "T"), up) : undefined;

/** With as many digits of a second as it needs, and at least three. */
function printIso(at: Nanos): string {
  const ms = floor(at, MS) / MS;
  const rest = String(at - ms * MS)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return new Date(Number(ms)).toISOString().replace("Z", `${rest}Z`);
}
