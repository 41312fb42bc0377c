import { ParseError, readTokens, type Token } from "./tokens.ts";

/** Words of the language: an error names them as they are written. */
const WORDS = new Set(
  `duration name status statusMessage kind rootName rootServiceName traceDuration childCount nestedSetLeft nestedSetRight
  nestedSetParent error ok unset server client internal producer consumer unspecified true false nil by coalesce select
  count avg min max sum rate count_over_time min_over_time max_over_time avg_over_time sum_over_time quantile_over_time
  histogram_over_time compare topk bottomk with`.split(/\s+/v),
);

/** Goes through the words of a query. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = readTokens(source);
  }

  get token(): Token {
    return this.#tokens[this.#next] ?? { type: "end", text: "", name: "$end", at: this.#source.length };
  }

  advance(): Token {
    const { token } = this;
    this.#next += 1;
    return token;
  }

  isOperator(...texts: readonly string[]): boolean {
    return this.token.type === "operator" && texts.includes(this.token.text);
  }

  isWord(...texts: readonly string[]): boolean {
    return this.token.type === "identifier" && texts.includes(this.token.text);
  }

  /** Takes the operator when it is there. */
  accept(text: string): boolean {
    const isThere = this.isOperator(text);
    if (isThere) this.advance();
    return isThere;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected(text);
  }

  unexpected(expected?: string): ParseError {
    const { token } = this;
    const name = token.type === "identifier" && WORDS.has(token.text) ? token.text : token.name;
    return this.error(`syntax error: unexpected ${name}${expected === undefined ? "" : `, expecting ${expected}`}`);
  }

  error(message: string): ParseError {
    return new ParseError(message, this.#source, this.token.at);
  }
}
