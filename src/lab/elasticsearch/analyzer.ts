// Word boundaries of https://unicode.org/reports/tr29/ as Lucene's standard tokenizer draws them, for what logs hold.
const ALONE = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Emoji_Presentation}]`;
const LETTER = String.raw`[[\p{L}\p{M}]--${ALONE}]`;
const WORD = String.raw`[[\p{L}\p{M}\p{N}_\u200d]--${ALONE}]`;
const TOKEN = new RegExp(
  String.raw`${ALONE}|(?:${WORD}|(?<=${LETTER})[.:'·’](?=${LETTER})|(?<=\p{N})[.,;'’](?=\p{N}))+`,
  "gv",
);

/** The words of a text as the analyzer `standard` makes them. */
export function analyze(text: string): readonly string[] {
  return (text.match(TOKEN) ?? [])
    .filter((token) => /[\p{L}\p{N}\p{Emoji_Presentation}]/u.test(token))
    .map((token) => token.toLowerCase());
}
