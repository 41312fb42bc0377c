import { parsing, ShardError } from "./errors.ts";
import { type Json, type JsonObject, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import { existsMatcher } from "./query-exists.ts";
import { matchMatcher, phraseMatcher } from "./query-match.ts";
import { patternMatcher, wildcardOf } from "./query-term.ts";
import { rangeOf } from "./query-range.ts";
import { NO_MATCH, scored, type Matcher, type Query, type QueryWorld } from "./matcher.ts";
import { onlyKnown, textAt } from "./read.ts";

type Token = string;

const TOKENS =
  /\s+|&&|\|\||[()!+-]|(?:[^\s:"()\\]|\\.)+:(?:[<>]=?(?:[^\s()]+))?|"(?:[^"\\]|\\.)*"|(?:[^\s"()\\]|\\.)+/gsu;
const KNOWN = ["query", "default_field", "fields", "default_operator", "analyze_wildcard", "lenient", "boost", "_name"];

/**
 * Reads `query_string`, as much of it as people type: words, "phrases", field:word, field:(words), field:>=3,
 * wildcards, _exists_:field, AND, OR, NOT, && || !, + and -, parentheses. Ranges in brackets, fuzziness and boosts it
 * does not know.
 */
export function readQueryString(clause: JsonObject, world: QueryWorld): Query {
  onlyKnown(clause, KNOWN, "query_string");
  const text = textAt(clause["query"], "query_string");
  const fields = Array.isArray(clause["fields"]) ? clause["fields"].map(String) : [say(clause["default_field"] ?? "*")];
  const needsAll = say(clause["default_operator"] ?? "or").toLowerCase() === "and";
  if (/[[\]{}~^]/.test(text.replace(/"[^"]*"|\\./g, "")))
    throw parsing("[query_string] the lab knows no ranges in brackets, fuzziness and boosts");
  return (index) => {
    const reader = new Reader(text, { index, world, fields, needsAll });
    return reader.whole();
  };
}

const WORD = /^(?:[^\s"():*?\\]|\\.)+$/su;
const JOINS = new Set(["AND", "&&", "OR", "||"]);
const OPERATORS = new Set([...JOINS, "NOT", "!", "+", "-"]);

interface Setting {
  readonly index: LabIndex;
  readonly world: QueryWorld;
  readonly fields: readonly string[];
  readonly needsAll: boolean;
}

interface Clause {
  readonly occurs: "must" | "should" | "must_not";
  readonly matcher: Matcher;
}

class Reader {
  readonly #tokens: Token[];
  readonly #text: string;
  readonly #setting: Setting;

  constructor(text: string, setting: Setting) {
    this.#text = text;
    this.#tokens = (text.match(TOKENS) ?? []).filter((token) => token.trim() !== "");
    this.#setting = setting;
  }

  whole(): Matcher {
    const matcher = this.#clauses(this.#setting.fields);
    if (this.#tokens.length > 0) throw this.#failed();
    return matcher;
  }

  /** Clauses up to a closing parenthesis. As in Lucene, AND makes both its sides needed, OR neither. */
  #clauses(fields: readonly string[]): Matcher {
    const clauses: Clause[] = [];
    let joins: "and" | "or" | undefined;
    while (this.#tokens.length > 0 && this.#tokens[0] !== ")") {
      const join = this.#join();
      if (join !== undefined) {
        joins = join;
        continue;
      }
      if (joins === undefined && this.#takeWords(fields, clauses)) continue;
      const isNeeded = joins === "and" || (joins === undefined && this.#setting.needsAll);
      const before = clauses.at(-1);
      if (joins === "and" && before?.occurs === "should") clauses[clauses.length - 1] = { ...before, occurs: "must" };
      if (joins === "or" && this.#setting.needsAll && before?.occurs === "must")
        clauses[clauses.length - 1] = { ...before, occurs: "should" };
      clauses.push(this.#clause(fields, isNeeded));
      joins = undefined;
    }
    return combine(clauses);
  }

  /** Words that follow each other without an operator are one text, which a keyword matches as a whole. */
  #takeWords(fields: readonly string[], clauses: Clause[]): boolean {
    const isWord = (token: Token | undefined): boolean =>
      token !== undefined && WORD.test(token) && !OPERATORS.has(token);
    const end = this.#tokens.findIndex((token, at) => !isWord(token) || JOINS.has(this.#tokens[at + 1] ?? ""));
    const words = this.#tokens.slice(0, end === -1 ? this.#tokens.length : end);
    if (words.length < 2) return false;
    this.#tokens.splice(0, words.length);
    const matchers = fields.flatMap((field) => this.#named(field)).map((field) => this.#value(field, words.join(" ")));
    clauses.push({ occurs: this.#setting.needsAll ? "must" : "should", matcher: anyOf(matchers) });
    return true;
  }

  #join(): "and" | "or" | undefined {
    const token = this.#tokens[0];
    if (token !== "AND" && token !== "&&" && token !== "OR" && token !== "||") return undefined;
    this.#tokens.shift();
    return token === "AND" || token === "&&" ? "and" : "or";
  }

  #clause(fields: readonly string[], isNeeded: boolean): Clause {
    const [first] = this.#tokens;
    if (first === "NOT" || first === "!" || first === "-") {
      this.#tokens.shift();
      return { occurs: "must_not", matcher: this.#atom(fields) };
    }
    if (first === "+") this.#tokens.shift();
    return { occurs: isNeeded || first === "+" ? "must" : "should", matcher: this.#atom(fields) };
  }

  #atom(fields: readonly string[]): Matcher {
    const token = this.#tokens.shift();
    if (token === undefined || token === ")") throw this.#failed();
    if (token === "(") {
      const inner = this.#clauses(fields);
      if (this.#tokens.shift() !== ")") throw this.#failed();
      return inner;
    }
    const named = /^((?:[^:\\]|\\.)+):(?:([<>]=?)(.+))?$/su.exec(token);
    if (named === null)
      return anyOf(fields.flatMap((field) => this.#named(field)).map((field) => this.#value(field, token)));
    const [, name = "", comparison, bound = ""] = named;
    if (comparison !== undefined) return this.#comparison(unescape(name), comparison, bound);
    if (name === "_exists_") return this.#exists(this.#tokens.shift() ?? "");
    return this.#atom([unescape(name)]);
  }

  #named(pattern: string): readonly string[] {
    const { mapping } = this.#setting.index;
    if (!pattern.includes("*")) return [pattern];
    const fits = wildcardOf(pattern);
    return mapping.names().filter((name) => fits(name) && ["text", "keyword"].includes(mapping.find(name)?.kind ?? ""));
  }

  #value(field: string, token: string): Matcher {
    const { index } = this.#setting;
    if (token === "*") return this.#exists(field);
    if (token.startsWith('"')) return phraseMatcher(index, field, unescape(token.slice(1, -1)));
    if (/(?<!\\)[*?]/.test(token))
      return patternMatcher(
        index,
        field,
        wildcardOf(index.mapping.find(field)?.kind === "text" ? token.toLowerCase() : token),
        false,
      );
    return matchMatcher(index, field, unescape(token), this.#setting.needsAll ? Number.POSITIVE_INFINITY : 1);
  }

  #exists(field: string): Matcher {
    return existsMatcher(this.#setting.index, field);
  }

  #comparison(field: string, comparison: string, bound: Json): Matcher {
    const limit = { ">": "gt", ">=": "gte", "<": "lt", "<=": "lte" }[comparison] ?? "gte";
    return rangeOf(field, { [limit]: bound }, undefined, this.#setting.world)(this.#setting.index);
  }

  #failed(): ShardError {
    const { name, uuid } = this.#setting.index;
    return new ShardError("query_shard_exception", `Failed to parse query [${this.#text}]`, {
      details: { index_uuid: uuid, index: name },
    });
  }
}

const unescape = (text: string): string => text.replace(/\\(.)/gs, "$1");

const anyOf = (matchers: readonly Matcher[]): Matcher =>
  combine(matchers.map((matcher) => ({ occurs: "should", matcher })));

function combine(clauses: readonly Clause[]): Matcher {
  const [must, should, not] = (["must", "should", "must_not"] as const).map((kind) =>
    clauses.filter(({ occurs }) => occurs === kind).map(({ matcher }) => matcher),
  );
  const hits = (matchers: readonly Matcher[] | undefined, doc: number): number =>
    (matchers ?? []).filter((matcher) => matcher(doc) !== NO_MATCH).length;
  return (doc) => {
    if (clauses.length === 0 || hits(not, doc) > 0 || hits(must, doc) < (must?.length ?? 0)) return NO_MATCH;
    return scored((must?.length ?? 0) > 0 || should?.length === 0 || hits(should, doc) > 0);
  };
}
