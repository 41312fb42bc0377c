/** A word of TraceQL. */
export interface Token {
  readonly type:
    "identifier" | "attribute" | "intrinsic" | "string" | "integer" | "float" | "duration" | "operator" | "end";
  /** As it is written; the content of a string. */
  readonly text: string;
  /** What an error calls it. */
  readonly name: string;
  /** Of an attribute: its scope, empty where none is written. */
  readonly scope?: string;
  /** Of an attribute: what follows its scope. Of a number: the number; of a duration: nanoseconds. */
  readonly value?: string | number;
  /** Where it begins in the query. */
  readonly at: number;
}

/** A query that can not be read; its text is that of Tempo. */
export class ParseError extends Error {
  constructor(message: string, source: string, at: number) {
    const before = source.slice(0, at).split("\n");
    const place = source.trim() === "" ? "" : `at line ${before.length}, col ${(before.at(-1)?.length ?? 0) + 1}`;
    super(`parse error ${place}: ${message}`);
    this.name = "ParseError";
  }
}

const SCOPES = new Set(["span", "resource", "event", "link", "instrumentation", "parent"]);
/** The longer ones first. */
const OPERATORS = "&>> &<< &> &< &~ !>> !<< !> !< !~ && || >> << >= <= != =~ { } ( ) | , = > < ~ ! + - * / % ^".split(
  " ",
);
const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const DURATION = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+/v;
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+\-]?\d+)?/v;
const WORD = /^[A-Za-z_]\w*/v;
// What ends the name of an attribute: https://grafana.com/docs/tempo/latest/traceql/construct-traceql-queries/
const ATTRIBUTE = /^(?:"(?:[^"\\]|\\.)*"|[^&\s\{\}\(\)=~!<>\|^,;"])+/v;
const SPACE = /^\s+/v;

/** Takes a query apart. */
export function readTokens(source: string): readonly Token[] {
  const text = source.trimEnd();
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = SPACE.exec(text.slice(at))?.[0].length ?? 0;
    at += space;
    const [token, length] = nextToken(text, at);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { type: "end", text: "", name: "$end", at: text.length }];
}

function nextToken(source: string, at: number): [Token, number] {
  const rest = source.slice(at);
  if (rest.startsWith('"') || rest.startsWith("`")) return readString(source, at);
  const duration = DURATION.exec(rest)?.[0];
  if (duration !== undefined)
    return [{ type: "duration", text: duration, name: "DURATION", value: nanosOf(duration), at }, duration.length];
  const number = NUMBER.exec(rest)?.[0];
  if (number !== undefined) return [numberToken(number, at), number.length];
  const named = readName(source, at);
  if (named !== undefined) return named;
  const operator = OPERATORS.find((known) => rest.startsWith(known));
  if (operator === undefined) throw new ParseError(`syntax error: unexpected ${rest.slice(0, 1)}`, source, at);
  return [{ type: "operator", text: operator, name: operator, at }, operator.length];
}

const numberToken = (text: string, at: number): Token =>
  /^\d+$/v.test(text)
    ? { type: "integer", text, name: "INTEGER", value: Number(text), at }
    : { type: "float", text, name: "FLOAT", value: Number(text), at };

/** Nanoseconds of a duration such as `1h30m`. */
export function nanosOf(text: string): number {
  let sum = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/gv))
    sum += Number(count) * (UNIT_NS[unit] ?? 0);
  return Math.round(sum);
}

function readName(source: string, at: number): [Token, number] | undefined {
  const rest = source.slice(at);
  if (rest.startsWith(".")) return attributeToken(source, { at, scope: "", prefix: 1 });
  const word = WORD.exec(rest)?.[0];
  if (word === undefined) return undefined;
  const next = rest.charAt(word.length);
  if (next === "." && SCOPES.has(word)) return attributeToken(source, { at, scope: word, prefix: word.length + 1 });
  const intrinsic = next === ":" ? /^:\w+/v.exec(rest.slice(word.length))?.[0] : undefined;
  if (intrinsic !== undefined) {
    const text = word + intrinsic;
    return [{ type: "intrinsic", text, name: text, at }, text.length];
  }
  return [{ type: "identifier", text: word, name: "IDENTIFIER", at }, word.length];
}

function attributeToken(
  source: string,
  { at, scope, prefix }: { readonly at: number; readonly scope: string; readonly prefix: number },
): [Token, number] {
  const written = ATTRIBUTE.exec(source.slice(at + prefix))?.[0];
  if (written === undefined)
    // Tempo's reader has lost the line by then.
    throw Object.assign(new ParseError("", source, at), {
      message: "parse error at line 0, col 2: syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER",
    });
  const value = written.replaceAll(/"((?:[^"\\]|\\.)*)"/gv, (_, inner: string) => inner.replaceAll(/\\(.)/gv, "$1"));
  const length = prefix + written.length;
  return [{ type: "attribute", text: source.slice(at, at + length), name: "IDENTIFIER", scope, value, at }, length];
}

function readString(source: string, at: number): [Token, number] {
  const quote = source.charAt(at);
  const pattern = quote === '"' ? /^"((?:[^"\\\n]|\\.)*)"/v : /^`([^`]*)`/v;
  const found = pattern.exec(source.slice(at));
  if (found === null) throw new ParseError("syntax error: unexpected $end", source, source.length);
  const [whole, inner = ""] = found;
  const text = quote === '"' ? unescape(inner) : inner;
  return [{ type: "string", text, name: "STRING", at }, whole.length];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", a: "\u0007" };

/** The escapes of Go: https://go.dev/ref/spec#String_literals */
function unescape(inner: string): string {
  return inner.replaceAll(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gv, (_, unicode, byte, letter) => {
    const code = (unicode ?? byte) as string | undefined;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return ESCAPES[String(letter)] ?? String(letter);
  });
}
