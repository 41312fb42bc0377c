import { CollectError } from "../../core/errors.ts";

/**
 * A trace id in the one form in which it is compared: 32 hexadecimal digits in lower case. Takes 1 to 32 of them in any
 * case, since backends leave zeros at the front away. Throws `not_found` for what can be no trace's.
 */
export function parseTraceId(text: string): string {
  const digits = text.trim().toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(digits)) {
    throw new CollectError("not_found", "this is no trace id: one has 1 to 32 hexadecimal digits, without dashes");
  }
  return digits.padStart(32, "0");
}

/**
 * An id of OTLP JSON as that many hexadecimal digits: OTLP has them in hexadecimal, Tempo in base64. Undefined for what
 * is no id, and for the one of zeros, which means none.
 */
export function readId(value: unknown, digits: 16 | 32): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const hex = value.length <= digits && /^[0-9a-f]+$/i.test(value) ? value.toLowerCase() : fromBase64(value, digits);
  return hex === undefined || /^0+$/.test(hex) ? undefined : hex.padStart(digits, "0");
}

function fromBase64(value: string, digits: number): string | undefined {
  const hex = Buffer.from(value, "base64").toString("hex");
  return hex.length === digits ? hex : undefined;
}
