import { REDACTED } from "./looks.ts";

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** What a key that was cut off is made of, with line breaks as they are or as JSON and shells write them. */
const BODY = /[A-Za-z0-9+/=\s\\:,.-]*/y;
/** No key is longer: an end further away is that of another one. */
const LONGEST = 32 * 1024;

/** Replaces private keys in PEM, those too whose end was cut off. */
export function scrubKeyBlocks(text: string): string {
  let [kept, at] = ["", 0];
  let end = { from: -1, to: -1 };
  BEGIN.lastIndex = 0;
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    if (begin.index < at) continue;
    const after = begin.index + begin[0].length;
    // looked for once, however many beginnings have no end
    if (end.from < after) end = nextEnd(text, after);
    kept += text.slice(at, begin.index) + REDACTED;
    at = end.to - begin.index <= LONGEST ? end.to : bodyEnd(text, after);
  }
  return at === 0 ? text : kept + text.slice(at);
}

function nextEnd(text: string, after: number): { from: number; to: number } {
  END.lastIndex = after;
  const found = END.exec(text);
  return found === null
    ? { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }
    : { from: found.index, to: found.index + found[0].length };
}

function bodyEnd(text: string, after: number): number {
  BODY.lastIndex = after;
  return after + (BODY.exec(text)?.[0].length ?? 0);
}
