import { isIP } from "node:net";

/** What a token looks like: a `name` has dots, an `identifier` has underscores. */
export type TokenKind = "url" | "path" | "mail" | "address" | "name" | "identifier";

/** What hangs together in a sentence. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins in the sentence. */
  readonly start: number;
}

const LETTER = String.raw`\p{L}\p{M}\p{N}_`;
const SEGMENT = String.raw`[^\s"'\x60<>,;:()\[\]{}|\/]+`;
const USER = String.raw`[^\s"<>@:;,()\[\]\\]`;
/** What may come after the quote at the end of a text, so that it is none within. */
const CLOSING = String.raw`(?:["\x60<>]|[,;:.!?)\]}']{0,4}(?:\s|$))`;
const LABEL = String.raw`[${LETTER}\-]+`;

/**
 * Each begins where what it is made of begins, and not amid it: the time it takes grows with the length and no faster.
 */
const PATTERNS: Readonly<Record<TokenKind, string>> = {
  url: String.raw`(?<![a-z0-9+.\-])[a-z0-9+.\-]+:\/\/(?:[^\s"'\x60<>]|'(?!${CLOSING}))*[^\s"'\x60<>,;:.!?)\]}]`,
  path: String.raw`(?<![${LETTER}.\/~]|::)(?:~[${LETTER}.\-]*|\.{1,2})?\/+${SEGMENT}(?:\/+${SEGMENT})*\/*`,
  mail: String.raw`(?:(?<!${USER})${USER}+|"[^"\n]{1,64}")(?:@(?:\[[^\s\]]*\]|${USER}+))+`,
  address: String.raw`(?<![${LETTER}:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4})?(?:%[${LETTER}.\-]+)?(?![${LETTER}:])`,
  name: String.raw`(?<![${LETTER}\-])(?:${LABEL}\.)+${LABEL}`,
  identifier: String.raw`(?<![${LETTER}])[a-z]\w*_\w*`,
};

const TOKEN = new RegExp(
  Object.entries(PATTERNS)
    .map(([kind, pattern]) => `(?<${kind}>${pattern})`)
    .join("|"),
  "giu",
);

/** The tokens of a sentence, from its beginning to its end. */
export function tokensIn(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const token = tokenOf(match);
    if (token !== undefined) tokens.push(token);
    // what only seemed to be an address, such as a time of day, may have another token in it
    pattern.lastIndex = token === undefined ? match.index + 1 : token.start + token.text.length;
  }
  return tokens;
}

function tokenOf({ groups = {}, index, 0: whole }: RegExpExecArray): Token | undefined {
  const kind = (Object.keys(PATTERNS) as TokenKind[]).find((one) => groups[one] !== undefined) ?? "identifier";
  if (kind === "address" && isIP(whole) === 0) return undefined;
  if (kind === "path") return { kind, text: whole.replace(/(?<![.!?])[.!?]+$/, ""), start: index };
  return kind === "mail" ? mailIn(whole, index) : { kind, text: whole, start: index };
}

const ONE_ADDRESS = new RegExp(String.raw`^(?:"[^"@]*"|[^"@]+)@(?:\[[^@]*\]|${LABEL}(?:\.${LABEL})*)(?=[^@]*$)`, "u");

/** Of several that nothing parts, all is one. */
function mailIn(whole: string, index: number): Token {
  // a quote may be within the address, as in O'Neill's, and not before it
  const quotes = /^['\x60]*/.exec(whole)?.[0].length ?? 0;
  const text = whole.slice(quotes);
  const ended = text.replace(/(?<![^\p{L}\p{N}])[^\p{L}\p{N}]+$/u, "");
  const [one = ended === "" ? text : ended] = ONE_ADDRESS.exec(text) ?? [];
  return { kind: "mail", text: one, start: index + quotes };
}
