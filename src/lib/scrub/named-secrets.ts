import { looksSecret, REDACTED } from "./looks.ts";
import { valueAt } from "./value-at.ts";

/** What stands behind these is a secret, whatever it looks like. */
const STRONG = [
  "passw(?:or)?d",
  "passwort",
  "passphrase",
  "passcode",
  "client[_-]?secret",
  "secret[_-]?(?:access[_-]?)?key",
  "(?:api|access|account|shared|private|encryption|signing|unseal|recovery|routing|integration|master)[_-]?key",
  "(?:auth|access|refresh|id|session|bearer|vault|api|csrf|xsrf|bot|security|root|client|registration)[_-]?token",
  "x-(?:api|auth|amz-security|vault|consul|gitlab)[_-]?(?:key|token)",
  "api[_-]?secret",
  "session[_-]?id",
  "phpsessid",
  "secret[_-]?id",
];
/** These stand in prose too: what follows must look like a secret. */
const WEAK = ["secret", "token", "credential", "pass(?![a-z])", "pwd", "signature", "service[_-]?key", "sig(?![a-z])"];
const NAME = new RegExp(`(${STRONG.join("|")})|(?:${WEAK.join("|")})`, "gi");

/**
 * The rest of a name, such as `s` or `_hash`, with what closes it, and the sign that something follows: `=`, `: `, `>`.
 */
const ASSIGNED = /([\w-]{0,24})(?:[\\"'\])}]|%2[27]){0,6}[ \t]{0,4}(?:[:=]=?>?|%3[AD]|>)[ \t]{0,4}/iy;
/** Between an option of a command and its value, or a keyword and a text in quotes. */
const SPACED = /([\w-]{0,24})[ \t]{1,4}/y;
const OPTION = /(?:^|[\s"'])--?[\w-]{0,40}$/;
/** They say something about a secret. */
const ABOUT = /^[_-]?(?:files?|paths?|polic|length|less|expir|age|count|type|field|name|url|store|reset|auth)/i;
/** What stands for a secret where none is shown. */
const NO_SECRET =
  /^(?:null|none|nil|undefined|true|false|empty|missing|required|invalid|[*.x-]*|<.*|\[?redacted\]?|\$\{?\w+\}?|%[sv])$/i;

/** Pairs of `Cookie` and `Set-Cookie`, their attributes included. */
const COOKIES =
  /((?:set-)?cookie2?[\\"'\]]{0,6}[ \t]{0,4}[:=][ \t]{0,4}[\\"'[]{0,6})([^\s=;,"'\\<]{1,256}=[^\s;,"'\\<]{1,4096}(?:;[ \t]?[^\s=;,"'\\]{1,256}(?:=[^\s;"'\\]{0,4096})?){0,200})/gi;

/**
 * Replaces what stands behind the name of a secret, in the forms of URLs, headers, JSON, YAML, XML, DSNs and shells.
 */
export function scrubNamed(text: string): string {
  const plain = text.replaceAll(COOKIES, `$1${REDACTED}`);
  let [kept, at] = ["", 0];
  NAME.lastIndex = 0;
  for (let name = NAME.exec(plain); name !== null; name = NAME.exec(plain)) {
    const value = secretAfter(plain, name);
    if (value === undefined) continue;
    kept += plain.slice(at, value.from) + REDACTED;
    at = value.to;
    NAME.lastIndex = at;
  }
  return at === 0 ? plain : kept + plain.slice(at);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function secretAfter(text: string, name: RegExpExecArray): Span | undefined {
  const end = name.index + name[0].length;
  const assigned = match(ASSIGNED, text, end);
  const between = assigned ?? match(SPACED, text, end);
  if (between === null) return undefined;
  const value = valueAt(text, end + between[0].length);
  if (value === undefined) return undefined;
  if (assigned === null && !value.isQuoted && !isOption(text, name.index)) return undefined;
  const secret = text.slice(value.from, value.to);
  if (NO_SECRET.test(secret)) return undefined;
  const isStrong = name[1] !== undefined && !ABOUT.test(between[1] ?? "");
  return isStrong || looksSecret(secret) ? value : undefined;
}

/** Whether the name is that of an option, such as `--db-password`. */
const isOption = (text: string, at: number): boolean => OPTION.test(text.slice(Math.max(0, at - 44), at));

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
