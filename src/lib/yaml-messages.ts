import type { ErrorCode } from "yaml";

const QUOTES = "put a text with special characters in quotes";

/**
 * Undefined where yaml's own sentence is fixed and clear; the others quote the text or speak in terms of the grammar.
 */
const SENTENCES: Record<ErrorCode, string | undefined> = {
  ALIAS_PROPS: undefined,
  BAD_ALIAS: "an anchor (&name) or alias (*name) needs a name",
  BAD_COLLECTION_TYPE: "this tag does not fit the value",
  BAD_DIRECTIVE: "this directive is not understood: take the line out",
  BAD_DQ_ESCAPE: 'a backslash inside of "..." begins no known escape: double it, or use single quotes',
  BAD_INDENT: undefined,
  BAD_PROP_ORDER: "anchors and tags stand between the key and its value",
  BAD_SCALAR_START: `a plain text can not start with this character; ${QUOTES}`,
  BLOCK_AS_IMPLICIT_KEY: `a second "key: value" or list begins on this line; ${QUOTES}, or begin a new line`,
  BLOCK_IN_FLOW: undefined,
  DUPLICATE_KEY: "this key stands a second time in the same mapping",
  IMPOSSIBLE: "not understood",
  KEY_OVER_1024_CHARS: "this key is longer than 1024 characters",
  MISSING_CHAR: undefined,
  MULTILINE_IMPLICIT_KEY: 'a key and its ":" must stand on one line',
  MULTIPLE_ANCHORS: undefined,
  MULTIPLE_DOCS: 'a second document begins here: leave one, and take out the line "---"',
  MULTIPLE_TAGS: undefined,
  NON_STRING_KEY: "a key must be a text",
  RESOURCE_EXHAUSTION: "nested too deeply",
  TAB_AS_INDENT: "tabs are not allowed as indentation: use spaces",
  TAG_RESOLVE_FAILED: "tags (!name) are not supported here",
  UNEXPECTED_TOKEN: `unexpected text; ${QUOTES}`,
};

const UNINDENTED = "is not closed, or a line inside of it is not indented";

/** The plain form of yaml's own sentences that a person meets most. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^Implicit map keys need/, 'this line has no ":" after its key'],
  [/^Sequence item without/, 'an entry of a list without its "-": check the indentation'],
  [/^All mapping items/, "the keys of a mapping must begin at the same column: check the indentation"],
  [/^All sequence items/, "the entries of a list must begin at the same column: check the indentation"],
  [/^Missing closing /, "the text ends inside of quotes that begin further up"],
  [/^Flow map .*indented/, `a "{" further up ${UNINDENTED}`],
  [/^Flow sequence .*indented/, `a "[" further up ${UNINDENTED}`],
];

/** A sentence for an error of the yaml library that quotes nothing of the text; `line` is looked at only for a hint. */
export function syntaxMessage(code: ErrorCode, own: string, line: string): string {
  // in {} and [] the brace after the dollar sign begins a mapping
  if (code === "UNEXPECTED_TOKEN" && /[{[].*\$\{/.test(line)) return 'inside of { } and [ ], put "${NAME}" in quotes';
  const plain = PLAIN.find(([pattern]) => pattern.test(own))?.[1];
  return SENTENCES[code] ?? plain ?? own.charAt(0).toLowerCase() + own.slice(1);
}
