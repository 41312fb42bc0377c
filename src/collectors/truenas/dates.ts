import { z } from "zod";

/** From here on a plain number counts milliseconds: as seconds it would lie beyond the year 5000. */
const MILLISECONDS_FROM = 1e11;

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A date in any of the forms that the API has: `{"$date": milliseconds}`, ISO 8601 text (UTC when it names no zone), or
 * seconds or milliseconds since 1970 as a number or as text. Unix seconds; undefined for anything else, for 0 (which is
 * how ZFS writes a time that was never set) and for a key that is not there.
 */
export const looseDate = z
  .unknown()
  .optional()
  .transform((value): number | undefined => {
    const milliseconds = millisecondsOf(value);
    return milliseconds !== undefined && milliseconds > 0 && Number.isFinite(milliseconds)
      ? milliseconds / 1000
      : undefined;
  });

function millisecondsOf(value: unknown): number | undefined {
  if (typeof value === "number") return value >= MILLISECONDS_FROM ? value : value * 1000;
  if (typeof value === "string") return ofText(value.trim());
  if (typeof value !== "object" || value === null || !("$date" in value)) return undefined;
  const { $date: inner } = value;
  if (typeof inner === "number") return inner;
  return typeof inner === "string" ? ofText(inner.trim(), 1) : undefined;
}

function ofText(text: string, perUnit?: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return perUnit === undefined ? millisecondsOf(Number(text)) : Number(text);
  const [, day, time = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  const at = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2").toUpperCase()}`);
  return Number.isNaN(at) ? undefined : at;
}
