/** What stands where lines differ. */
export const WILDCARD = "<*>";

/** More of a line is not looked at: what tells patterns apart stands in front. */
const MOST_CHARACTERS = 600;
const MOST_TOKENS = 48;
/** A longer word without a break is no word. */
const LONGEST_WORD = 64;

/** Names with a digit that are words. */
const WORDS = new Set(
  "base64 ec2 h2 h2c http1 http2 http3 i18n ipv4 ipv6 j2ee k8s l4 l7 log4j md5 mp3 mp4 neo4j oauth2 p12 pkcs12 pkcs8 s3 sha1 sha256 sha512 ssl3 utf16 utf8 v4 v6 x509 x86".split(
    " ",
  ),
);

/**
 * In front of a number of three digits these make it a status, which is no parameter: 200 and 503 are not one thing.
 */
const STATUS = /(?:status|code|http\S*|returned|response|got)\W*$/i;

/**
 * The part of a line by which it is grouped, with {@link WILDCARD} for what is a parameter by its look: numbers,
 * hexadecimal and mixed words, and with them times, addresses, ids, durations, parts of paths, and addresses of mail.
 * In time proportional to the line's beginning, whatever stands in it.
 */
export function maskLine(message: string): string {
  const head = headOf(message);
  let masked = "";
  let written = 0;
  let tokens = 0;
  let previous = "";
  for (let at = 0; at < head.length;) {
    while (at < head.length && head.charCodeAt(at) <= 32) at += 1;
    const start = at;
    let isParameter = false;
    for (; at < head.length; at += 1) {
      const code = head.charCodeAt(at);
      if (code <= 32) break;
      if ((code >= 48 && code <= 57) || code === 64) isParameter = true;
    }
    if (at === start) break;
    tokens += 1;
    if (tokens > MOST_TOKENS) return masked + head.slice(written, start).trimEnd();
    if (isParameter || at - start > LONGEST_WORD) {
      const token = head.slice(start, at);
      masked += head.slice(written, start) + maskToken(token, previous);
      written = at;
      previous = token;
    } else previous = head.slice(start, at);
  }
  return written === 0 ? head : masked + head.slice(written);
}

/** Its first line, and the next one that is not indented: of a stack trace that is what was thrown. */
function headOf(message: string): string {
  const text = message.includes("\u001B") ? withoutColours(message) : message;
  const end = text.indexOf("\n");
  if (end < 0) return text.slice(0, MOST_CHARACTERS);
  const first = text.slice(0, Math.min(end, MOST_CHARACTERS));
  const next = /\n(\S[^\n]{0,300})/.exec(text.slice(end, end + 8 * MOST_CHARACTERS))?.[1];
  return next === undefined ? first : `${first} ${next}`.slice(0, MOST_CHARACTERS);
}

// eslint-disable-next-line no-control-regex
const withoutColours = (text: string): string => text.slice(0, 16_384).replaceAll(/\u001B\[[\d;]{0,16}m/g, "");

function maskToken(token: string, previous: string): string {
  if (token.length > 4 * LONGEST_WORD) return WILDCARD;
  const address = token.indexOf("@");
  if (address > 0 && address < token.length - 1) return maskAddress(token, address);
  const parts = partsOf(token, previous);
  // in an id that is written in groups, one of them may have no digit
  const isId = parts.filter(({ isParameter }) => isParameter).length > 1;
  let masked = "";
  let gap = "";
  let isAfterParameter = false;
  for (const { text, isParameter, isHex } of parts) {
    if (isParameter || (isId && isHex)) {
      if (!isAfterParameter || !/^[-.:_/+,T]*$/.test(gap)) masked += gap + WILDCARD;
      isAfterParameter = true;
      gap = "";
    } else if (isWordPart(text.charCodeAt(0))) {
      masked += gap + text;
      isAfterParameter = false;
      gap = "";
    } else gap += text;
  }
  return masked + gap;
}

function maskAddress(token: string, at: number): string {
  const start = Math.max(...['="', "=", "<", '"', ":", "("].map((mark) => token.lastIndexOf(mark, at) + 1));
  const end = /[>"'),;:\]}]*$/.exec(token.slice(at))?.[0] ?? "";
  return token.slice(0, start) + WILDCARD + end;
}

/** A run of letters and digits, or of what stands between such runs. */
interface Part {
  readonly text: string;
  readonly isParameter: boolean;
  readonly isHex: boolean;
}

function partsOf(token: string, previous: string): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < token.length;) {
    const start = at;
    const isWord = isWordPart(token.charCodeAt(at));
    while (at < token.length && isWordPart(token.charCodeAt(at)) === isWord) at += 1;
    const text = token.slice(start, at);
    const before = start > 0 ? token.slice(Math.max(0, start - 24), start) : previous.slice(-24);
    parts.push({
      text,
      isParameter: isWord && isParameter(text, before),
      isHex: isWord && /^[\da-f]{2,}$/i.test(text),
    });
  }
  return parts;
}

/** Letters of other scripts are words too. */
const isWordPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127;

function isParameter(text: string, before: string): boolean {
  if (text.length > LONGEST_WORD) return true;
  if (!/\d/.test(text)) return false;
  if (text.length === 3 && /^[1-5]\d\d$/.test(text) && STATUS.test(before)) return false;
  return !WORDS.has(text.toLowerCase());
}
