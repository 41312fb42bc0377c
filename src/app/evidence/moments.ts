import { DateTime } from "luxon";
import { parseDuration } from "../../core/duration.ts";

const UNIX = /^\d{9,13}(\.\d+)?$/;
/** Unix seconds have fewer digits than this until the year 2286; more are milliseconds. */
const MOST_SECONDS = 1e10;

/** 9999-12-31T23:59:59.999Z: RFC 3339 has years of four digits. */
const LAST = 253_402_300_799_999;

/**
 * A moment as people write it: `now`, `30m` or `-30m` for so long ago, Unix seconds or milliseconds, or RFC 3339,
 * without an offset in UTC. Gives Unix milliseconds from 1970 to 9999; undefined when it is none.
 */
export function readMoment(text: string, now: number): number | undefined {
  const at = parseMoment(text.trim(), now);
  return at !== undefined && at >= 0 && at <= LAST ? at : undefined;
}

function parseMoment(text: string, now: number): number | undefined {
  if (text === "now") return now;
  if (UNIX.test(text)) {
    const number = Number(text);
    return Math.round(number < MOST_SECONDS ? number * 1_000 : number);
  }
  const ago = parseDuration(text.replace(/^now/, "").replace(/^-/, ""));
  if (ago !== undefined) return now - ago;
  const at = DateTime.fromISO(text, { zone: "utc" });
  return at.isValid ? at.toMillis() : undefined;
}

/** What `from`, `to` and others are when they can not be read. */
export const MOMENT_HELP =
  "a time is RFC 3339 such as 2026-11-27T03:10:00Z (UTC where it names no offset), Unix seconds, `now`, or a duration such as 30m for so long ago";
