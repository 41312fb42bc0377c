/** Where a value stands, without its quotes. */
interface Value {
  readonly from: number;
  readonly to: number;
  readonly isQuoted: boolean;
}

const LONGEST = 4_096;
/** A quote, which may be escaped, perhaps in brackets as Go and Node print the values of a header. */
const OPENING = /[[(]{0,2}(\\{0,3}["'`]|%22)/y;
const SCHEME = /(?:Bearer|Basic|Token|ApiKey|Negotiate|NTLM)[ \t]{1,4}/iy;
/**
 * Without quotes a value goes on over a comma, a bracket, `&` and `;` unless these end it, because passwords have such
 * characters.
 */
const BARE = new RegExp(
  [
    String.raw`[^\s"'\x60<&;,)}\]\\]`,
    String.raw`[,)}\]](?![\s,)}\]"';\\]|$|[\w.-]{1,64}[=:])`,
    String.raw`[&;](?![\w.%[\]-]{1,64}=|\s|$)`,
    String.raw`\\(?![nrt"'\\])`,
  ].reduce((all, one) => `${all}|${one}`),
  "y",
);

/** The value that begins there; undefined when there is none. */
export function valueAt(text: string, at: number): Value | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  if (opening !== null) {
    const from = skipScheme(text, at + opening[0].length);
    const to = closing(text, from, opening[1] ?? "");
    if (to !== undefined) return to > from ? { from, to, isQuoted: true } : undefined;
  }
  const from = skipScheme(text, opening === null ? at : at + opening[0].length);
  const to = bareEnd(text, from);
  return to > from && !/^[[({]*$/.test(text.slice(from, to)) ? { from, to, isQuoted: false } : undefined;
}

function skipScheme(text: string, at: number): number {
  SCHEME.lastIndex = at;
  return at + (SCHEME.exec(text)?.[0].length ?? 0);
}

/** Where the same quote stands again in the same line; undefined when it was cut off. */
function closing(text: string, from: number, quote: string): number | undefined {
  const within = text.slice(from, from + LONGEST);
  for (let at = within.indexOf(quote); at !== -1; at = within.indexOf(quote, at + 1)) {
    if (/[\r\n]/.test(within.slice(0, at))) return undefined;
    // a quote that is escaped belongs to the value, unless all of them are
    if (!isEscaped(within, at)) return from + at;
  }
  return undefined;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (slashes < at && text[at - slashes - 1] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

function bareEnd(text: string, from: number): number {
  const most = from + LONGEST;
  let at = from;
  while (at < most) {
    BARE.lastIndex = at;
    if (!BARE.test(text)) break;
    at = BARE.lastIndex;
  }
  return at;
}
