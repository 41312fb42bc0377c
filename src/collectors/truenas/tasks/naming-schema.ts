import { RE2JS } from "re2js";

/** What a directive of `strftime` writes into a name; others are not understood. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: String.raw`\d{4}`,
  y: String.raw`\d{2}`,
  m: String.raw`\d{2}`,
  d: String.raw`\d{2}`,
  H: String.raw`\d{2}`,
  I: String.raw`\d{2}`,
  M: String.raw`\d{2}`,
  S: String.raw`\d{2}`,
  f: String.raw`\d{6}`,
  j: String.raw`\d{3}`,
  U: String.raw`\d{2}`,
  W: String.raw`\d{2}`,
  w: String.raw`\d`,
  s: String.raw`\d+`,
  p: "[AP]M",
  a: "[A-Z][a-z]{2}",
  A: "[A-Z][a-z]+",
  b: "[A-Z][a-z]{2}",
  B: "[A-Z][a-z]+",
  // A name can not hold a plus sign: it is written as a colon.
  z: String.raw`[:-]\d{4}`,
  Z: "[A-Za-z0-9:-]*",
};

/**
 * Whether a snapshot's own name (what comes after `@`) was made by a naming schema such as `auto-%Y-%m-%d_%H-%M`;
 * undefined when the schema is not understood. Source: `zettarepl/snapshot/name.py` of github.com/truenas/zettarepl.
 */
export function readNamingSchema(schema: string): ((name: string) => boolean) | undefined {
  let understood = /%[A-Za-z]/.test(schema);
  const pattern = schema.replaceAll(/%(.?)|[^%]+/gs, (text, directive: string | undefined) => {
    if (directive === undefined) return RE2JS.quote(text);
    const written = DIRECTIVES[directive];
    if (written === undefined) understood = false;
    return written ?? "";
  });
  if (!understood) return undefined;
  // a schema such as `%s%s%s` would take others than RE2 for ever
  const names = RE2JS.compile(pattern);
  return (name) => names.matches(name);
}
