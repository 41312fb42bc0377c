import type { LogLevel, LogLine } from "../../core/telemetry.ts";
import type { Hit } from "./answers.ts";
import { levelOf, levelOfSeverity } from "./levels.ts";
import type { Profile, ProfileField } from "./profile.ts";

/** Longest message that is kept, in bytes. */
const MESSAGE_BYTES = 8 * 1024;
const NAME_CHARACTERS = 256;

/** The fields that a line is made of, for `fields` of a search. */
export function lineFields(profile: Profile): { readonly field: string; readonly format?: string }[] {
  const { timestamp, message, level, service, pod, host, trace, span, severityNumber } = profile;
  const times = timestamp.slice(0, 1).map(({ name }) => ({ field: name, format: "strict_date_optional_time_nanos" }));
  const others = [message, level, service, pod, host, trace, span].flat().map(({ name }) => name);
  const names = new Set([...others, ...(severityNumber === undefined ? [] : [severityNumber])]);
  return [...times, ...[...names].map((field) => ({ field }))];
}

/** A line with its time as exactly as it is known. */
export interface TimedLine {
  readonly line: LogLine;
  /** Unix milliseconds with fractions. */
  readonly exact: number;
}

/** Lines in the order of time; those of the same moment are in an order that no server changes. */
export const inOrder = (lines: readonly TimedLine[]): readonly LogLine[] =>
  lines.toSorted((a, b) => a.exact - b.exact || compare(a.line.message, b.line.message)).map(({ line }) => line);

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * The line of a hit; undefined when its time can not be read. Nothing of a message that was cut off is held any longer.
 */
export function toLine(hit: Hit, profile: Profile): TimedLine | undefined {
  const value = (fields: readonly ProfileField[]): unknown =>
    firstOf(
      hit,
      fields.map(({ name }) => name),
    );
  const name = (fields: readonly ProfileField[]): string | undefined => short(value(fields));
  const exact = toMillis(value(profile.timestamp.slice(0, 1)));
  if (exact === undefined) return undefined;
  const { severityNumber } = profile;
  const severity = severityNumber === undefined ? undefined : firstOf(hit, [severityNumber]);
  const level = levelOf(value(profile.level)) ?? levelOfSeverity(severity);
  return {
    exact,
    line: {
      at: Math.floor(exact),
      message: clipped(text(value(profile.message))),
      ...known({
        level,
        service: name(profile.service),
        pod: name(profile.pod),
        host: name(profile.host),
        traceId: hexId(value(profile.trace), 32),
        spanId: hexId(value(profile.span), 16),
      }),
    },
  };
}

interface Optional {
  readonly level: LogLevel | undefined;
  readonly service: string | undefined;
  readonly pod: string | undefined;
  readonly host: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

const known = (values: Optional): Partial<{ [K in keyof Optional]: NonNullable<Optional[K]> }> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** A value that is too long for its keyword is told apart from the others. */
function firstOf({ fields, ignored_field_values: ignored }: Hit, names: readonly string[]): unknown {
  for (const name of names) {
    const values = fields?.get(name) ?? ignored?.get(name) ?? [];
    if (values.length > 0) return values[0];
  }
  return undefined;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function short(value: unknown): string | undefined {
  const whole = text(value);
  return whole === "" ? undefined : copied(whole, NAME_CHARACTERS);
}

/** At most 8 KiB, cut between characters. */
function clipped(message: string): string {
  // a unit has at most three bytes
  if (message.length * 3 <= MESSAGE_BYTES) return message;
  const bytes = Buffer.from(message.slice(0, MESSAGE_BYTES));
  if (bytes.length <= MESSAGE_BYTES && message.length <= MESSAGE_BYTES) return message;
  const kept = bytes.subarray(0, MESSAGE_BYTES - 3).toString();
  return `${kept.replace(/\uFFFD+$/, "")}…`;
}

/** A copy of its own: a slice would keep the whole of a long text in memory. */
const copied = (whole: string, most: number): string =>
  whole.length <= most ? whole : Buffer.from(whole.slice(0, most - 1)).toString() + "…";

/**
 * Hexadecimal digits in lower case, with the zeros that were left out; undefined for anything else, and for none but
 * zeros.
 */
export function hexId(value: unknown, digits: number): string | undefined {
  const hex = text(value).trim().toLowerCase().replaceAll("-", "");
  return hex.length <= digits && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(hex) ? hex.padStart(digits, "0") : undefined;
}

/** Unix milliseconds with fractions, of an ISO text or of Unix seconds, milliseconds, microseconds or nanoseconds. */
export function toMillis(value: unknown): number | undefined {
  const whole = text(value).trim();
  if (/^\d+(\.\d+)?$/.test(whole)) return unixMillis(Number(whole));
  const at = Date.parse(whole);
  if (Number.isNaN(at)) return undefined;
  // what is finer than a millisecond keeps lines in their order
  const finer = /\.\d{3}(\d+)/.exec(whole)?.[1];
  return finer === undefined ? at : at + Number(`0.${finer}`);
}

/** The unit is told by the size: each one of them is in this century. */
function unixMillis(value: number): number {
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1_000 : value / 1_000_000;
}
