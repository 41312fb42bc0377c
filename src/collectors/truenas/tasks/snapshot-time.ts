import { timeOnClock } from "./time-zone.ts";

/** What directives of `strftime` a date can be read from, and how long they are. */
const PARTS: Readonly<Record<string, string>> = {
  Y: String.raw`(?<Y>\d{4})`,
  m: String.raw`(?<m>\d{2})`,
  d: String.raw`(?<d>\d{2})`,
  H: String.raw`(?<H>\d{2})`,
  M: String.raw`(?<M>\d{2})`,
  S: String.raw`(?<S>\d{2})`,
  s: String.raw`(?<s>\d{9,10})`,
  // a name can not hold a plus sign: it is written as a colon
  z: String.raw`(?<z>[:-]\d{4})`,
};

/**
 * When a snapshot was made, by its name (what comes after `@`) and the schemas that it may be named by; Unix seconds.
 * Undefined when none of them fits, when a schema has directives other than year, month, day, hour, minute, second,
 * offset and Unix time, and when the clock of the time zone showed that time twice or never.
 * Source: `zettarepl/snapshot/name.py` of github.com/truenas/zettarepl.
 */
export function snapshotTime(name: string, schemas: readonly string[], timeZone: string): number | undefined {
  for (const schema of schemas) {
    const found = readerOf(schema)?.exec(name)?.groups;
    if (found !== undefined) return timeOf(found, timeZone);
  }
  return undefined;
}

function readerOf(schema: string): RegExp | undefined {
  const directives = [...schema.matchAll(/%(.?)/gs)].map(([, directive = ""]) => directive);
  const isRead = directives.every((each) => PARTS[each] !== undefined);
  const isDate = directives.includes("s") || ["Y", "m", "d", "H", "M"].every((each) => directives.includes(each));
  if (!isRead || !isDate || new Set(directives).size < directives.length) return undefined;
  const pattern = schema.replaceAll(/%(.)|[^%]+/gs, (text, directive: string | undefined) =>
    directive === undefined ? text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`) : (PARTS[directive] ?? ""),
  );
  return new RegExp(`^${pattern}$`);
}

function timeOf(found: Readonly<Record<string, string>>, timeZone: string): number | undefined {
  const { Y, m, d, H, M, S = "0", s, z } = found;
  if (s !== undefined) return Number(s);
  const wall = Date.UTC(Number(Y), Number(m) - 1, Number(d), Number(H), Number(M), Number(S)) / 1000;
  if (z === undefined) return timeOnClock(wall, timeZone);
  const ahead = (Number(z.slice(1, 3)) * 60 + Number(z.slice(3))) * 60;
  return z.startsWith("-") ? wall + ahead : wall - ahead;
}
