import { atomsOf, type Phrases } from "./phrases.ts";
import type { Token } from "./tokens.ts";

/** A token, and the atom after it. */
interface Place {
  readonly token: Token;
  readonly end: number;
}

/** A sentence in its atoms, of which none is partly of a token, and its tokens by the atoms that they begin with. */
export interface Dissected {
  readonly atoms: readonly string[];
  readonly tokens: ReadonlyMap<number, Place>;
}

/** Takes a sentence apart; the tokens are in their order. */
export function dissect(text: string, found: readonly Token[]): Dissected {
  const atoms: string[] = [];
  const tokens = new Map<number, Place>();
  const take = (part: string): void => {
    for (const atom of atomsOf(part)) atoms.push(atom);
  };
  let at = 0;
  for (const token of found) {
    take(text.slice(at, token.start));
    const begin = atoms.length;
    take(token.text);
    tokens.set(begin, { token, end: atoms.length });
    at = token.start + token.text.length;
  }
  take(text.slice(at));
  return { atoms, tokens };
}

/**
 * The sentence with other words for its tokens and for the phrases that stand in it. What is longer goes first, and a
 * token is never replaced in part: a phrase that ends amid one is followed by the word for all of it.
 */
export function rewrite(
  atoms: readonly string[],
  tokens: ReadonlyMap<number, Place>,
  phrases: Phrases,
  wordFor: (token: Token) => string,
): string {
  let text = "";
  for (let at = 0; at < atoms.length;) {
    const place = tokens.get(at);
    const phrase = phrases.longestAt(atoms, at);
    if (phrase !== undefined && phrase.end >= (place?.end ?? 0)) {
      text += phrase.other;
      const cut = tokenAmid(tokens, at + 1, phrase.end);
      if (cut !== undefined) text += ` ${wordFor(cut.token)}`;
      at = cut?.end ?? phrase.end;
    } else if (place === undefined) {
      text += atoms[at] ?? "";
      at += 1;
    } else {
      text += wordFor(place.token);
      at = place.end;
    }
  }
  return text;
}

/** The token that begins between two atoms and goes on after the second. */
function tokenAmid(tokens: ReadonlyMap<number, Place>, from: number, end: number): Place | undefined {
  for (let at = from; at < end; at += 1) {
    const place = tokens.get(at);
    if (place !== undefined && place.end > end) return place;
  }
  return undefined;
}
