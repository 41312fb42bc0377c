import { RE2JSSyntaxException } from "re2js";
import { labelMatcher, RESERVED_IN_MATCHERS, type LabelMatcher } from "../core/label-matcher.ts";
import type { TextMap } from "../core/notification.ts";
import type { MatchOperator } from "../core/promql-tree.ts";

/** A text that is no matcher. The message never quotes the text. */
export class MatcherFault extends Error {
  override readonly name = "MatcherFault";
  /** From 1, in characters. */
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}

/**
 * Reads matchers as Alertmanager's own parser of UTF-8 matchers does: `severity="critical"`, or several with commas
 * between them and braces around them. Throws {@link MatcherFault}.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
export const parseMatchers = (text: string): readonly LabelMatcher[] =>
  readConditions(text).map((condition) => compile(text, condition));

/** Reads the labels of an alert, such as `severity=critical,team="infra"`. Throws {@link MatcherFault}. */
export function parseLabels(text: string): TextMap {
  const conditions = readConditions(text, "=");
  const labels = new Map<string, string>();
  for (const { label, operator, value } of conditions) {
    if (operator.text !== "=") throw faultAt(text, operator.at, "an alert's label has one value: write label=value");
    if (labels.has(label.text)) throw faultAt(text, label.at, "this label stands a second time");
    labels.set(label.text, value.text);
  }
  return Object.fromEntries(labels);
}

interface Token<T extends string = string> {
  readonly kind: "{" | "}" | "," | "operator" | "text" | "end";
  /** Of a quoted text, what it stands for. */
  readonly text: T;
  /** Where it begins, in UTF-16 units. */
  readonly at: number;
}

interface Condition {
  readonly label: Token;
  readonly operator: Token<MatchOperator>;
  readonly value: Token;
}

const TOKEN = new RegExp(
  String.raw`\p{White_Space}*(?:([{},])|(!=|=~|!~|=)|("(?:[^"\\]|\\[^])*")|([^${RESERVED_IN_MATCHERS}]+)|$)`,
  "uy",
);

const ANY_OPERATOR = "one of =, !=, =~ and !~";

/** `operators`: which are expected, in words. */
function readConditions(text: string, operators = ANY_OPERATOR): readonly Condition[] {
  const tokens = tokensOf(text, operators);
  let next = 0;
  const take = (...kinds: readonly Token["kind"][]): Token | undefined => {
    const token = tokens[next];
    if (token === undefined || !kinds.includes(token.kind)) return undefined;
    next++;
    return token;
  };
  const need = (what: string, ...kinds: readonly Token["kind"][]): Token => {
    const found = take(...kinds);
    if (found !== undefined) return found;
    throw faultAt(text, tokens[next]?.at ?? 0, `${what} is expected here`);
  };

  const conditions: Condition[] = [];
  const closing = take("{") === undefined ? "end" : "}";
  const rest = closing === "end" ? "a comma or the end" : "a comma or }";
  while (take(closing) === undefined) {
    const label = need("a label's name", "text");
    if (label.text === "") throw faultAt(text, label.at, "a label's name is not empty");
    const operator = need(operators, "operator") as Token<MatchOperator>;
    const value = need("a value, in quotes when it is empty or has special characters,", "text");
    conditions.push({ label, operator, value });
    if (take(",") === undefined) {
      need(rest, closing);
      break;
    }
  }
  if (closing === "}") need("nothing more", "end");
  return conditions;
}

function tokensOf(text: string, operators: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw strayCharacter(text, from, operators);
    const [all, sign, operator, quoted, plain] = match;
    const at = match.index + all.length - (sign ?? operator ?? quoted ?? plain ?? "").length;
    if (sign !== undefined) tokens.push({ kind: sign as "{", text: sign, at });
    else if (operator !== undefined) tokens.push({ kind: "operator", text: operator, at });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: unquote(text, at, quoted), at });
    else if (plain !== undefined) tokens.push({ kind: "text", text: plain, at });
    else return [...tokens, { kind: "end", text: "", at }];
  }
}

/** Columns are counted for faults only: each counts from the beginning. */
const faultAt = (text: string, at: number, message: string): MatcherFault =>
  new MatcherFault(Array.from(text.slice(0, at)).length + 1, message);

function strayCharacter(text: string, from: number, operators: string): MatcherFault {
  const index = from + (text.slice(from).match(/^\p{White_Space}*/u)?.[0].length ?? 0);
  if (text[index] === '"') return faultAt(text, index, "the quotes that begin here do not end");
  if (text[index] === "!") return faultAt(text, index, `${operators} is expected here`);
  return faultAt(text, index, "this character may stand only between double quotes");
}

const ESCAPE = /\\(?:([abfnrtv\\"])|x([\da-fA-F]{2})|([0-3][0-7]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|)|[^\\]+/gu;
const ESCAPED: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/**
 * Reads a Go string literal, whose `\x` and octal escapes are bytes. Source: https://go.dev/ref/spec#String_literals
 */
function unquote(whole: string, at: number, quoted: string): string {
  if (quoted.includes("\n")) throw faultAt(whole, at, String.raw`between quotes a line break is written \n`);
  const parts = Array.from(quoted.slice(1, -1).matchAll(ESCAPE), (match): Buffer => {
    const [all, letter, hexadecimal, octal, short, long] = match;
    if (!all.startsWith("\\")) return Buffer.from(all);
    if (letter !== undefined) return Buffer.from(ESCAPED[letter] ?? "");
    if (hexadecimal !== undefined) return Buffer.from([Number.parseInt(hexadecimal, 16)]);
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8)]);
    const point = Number.parseInt(short ?? long ?? "", 16);
    if (!(point <= 0x10_ff_ff) || (point >= 0xd8_00 && point <= 0xdf_ff))
      throw faultAt(whole, at + match.index + 1, "there is no such escape");
    return Buffer.from(String.fromCodePoint(point));
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    throw faultAt(whole, at, "the escapes between these quotes make no UTF-8 text");
  }
}

function compile(whole: string, { label, operator, value }: Condition): LabelMatcher {
  try {
    return labelMatcher(label.text, operator.text, value.text);
  } catch (thrown) {
    const why = thrown instanceof RE2JSSyntaxException ? `: ${thrown.getDescription()}` : "";
    throw faultAt(whole, value.at, `this is not a pattern of RE2${why}`);
  }
}
