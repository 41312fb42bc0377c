/** More levels than any of the answers that are read has by far. */
export const MOST_LEVELS = 500;

const [QUOTE, BACKSLASH] = ['"'.charCodeAt(0), "\\".charCodeAt(0)];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = ["[", "]", "{", "}"].map((bracket) => bracket.charCodeAt(0));

/**
 * Whether lists and objects of a JSON text stand in each other more than {@link MOST_LEVELS} deep. `JSON.parse` takes
 * seconds for a few megabytes of brackets, in which nothing else runs, and what then walks through them runs out of
 * stack.
 */
export function isNestedTooDeep(text: string): boolean {
  // so many brackets need so many characters
  if (text.length < MOST_LEVELS) return false;
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) level += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) level -= 1;
    if (level > MOST_LEVELS) return true;
  }
  return false;
}

/** Where the string that begins there ends; the end of the text when it does not. */
function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
