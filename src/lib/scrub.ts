import { RE2JS } from "re2js";
import { scrubKeyBlocks } from "./scrub/key-blocks.ts";
import { scrubKnown } from "./scrub/known-secrets.ts";
import { scrubNamed } from "./scrub/named-secrets.ts";
import { REDACTED } from "./scrub/looks.ts";

/**
 * Makes a function that puts `<redacted>` in the place of secrets: private keys, tokens that are known by their look,
 * and what stands behind a name such as `password=` or `Authorization:`. `patterns` are further ones in the syntax of
 * RE2 (and Go), each found text of which is replaced as a whole; throws what RE2 says of one that is none. The time
 * grows with the length of the text, whatever it holds. A text without secrets comes back as it is.
 */
export function createScrubber(patterns: readonly string[]): (text: string) => string {
  const own = patterns.map((pattern) => RE2JS.compile(pattern));
  return (text) => {
    const known = scrubNamed(scrubKnown(scrubKeyBlocks(text)));
    return own.reduce(scrubPattern, known);
  };
}

/** What matches nothing at all would be found between any two characters. */
function scrubPattern(text: string, pattern: RE2JS): string {
  const matcher = pattern.matcher(text);
  let [kept, at] = ["", 0];
  while (matcher.find()) {
    if (matcher.end() === matcher.start()) continue;
    kept += text.slice(at, matcher.start()) + REDACTED;
    at = matcher.end();
  }
  return at === 0 ? text : kept + text.slice(at);
}
