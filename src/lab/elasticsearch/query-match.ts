import { analyze } from "./analyzer.ts";
import { bind, someValue } from "./bound-field.ts";
import { parsing } from "./errors.ts";
import { isObject, type Json, type JsonObject, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import { NO_MATCH, scored, type Matcher, type Query } from "./matcher.ts";
import { termMatcher } from "./query-term.ts";
import { oneField, onlyKnown, wholeAt } from "./read.ts";

/** Reads `match`. */
export function readMatch(clause: JsonObject): Query {
  const [name, said] = oneField(clause, "match");
  if (isObject(said))
    onlyKnown(said, ["query", "operator", "minimum_should_match", "boost", "lenient", "_name"], "match");
  const { query, operator, minimum_should_match: least } = isObject(said) ? said : { query: said };
  const text = textOf(query, "match");
  const needsAll = say(operator ?? "or").toLowerCase() === "and";
  return (index) =>
    matchMatcher(index, name, text, needsAll ? Number.POSITIVE_INFINITY : wholeAt(least, 1, "minimum_should_match"));
}

/** Reads `match_phrase`. */
export function readMatchPhrase(clause: JsonObject): Query {
  const [name, said] = oneField(clause, "match_phrase");
  if (isObject(said)) onlyKnown(said, ["query", "slop", "boost", "_name"], "match_phrase");
  if (isObject(said) && wholeAt(said["slop"], 0, "slop") !== 0) throw parsing("[match_phrase] the lab knows no [slop]");
  const text = textOf(isObject(said) ? said["query"] : said, "match_phrase");
  return (index) => phraseMatcher(index, name, text);
}

/** What tests a field for words, at least so many of them. */
export function matchMatcher(index: LabIndex, name: string, text: string, least: number): Matcher {
  const bound = bind(index, name);
  if (bound?.field.kind !== "text") return termMatcher(index, name, [text], false);
  const words = [...new Set(analyze(text))];
  if (words.length === 0) return () => NO_MATCH;
  const needed = Math.min(words.length, least);
  return (doc) => {
    const found = new Set<string>();
    someValue(bound.column, doc, (value) => {
      const held = new Set(analyze(String(value)));
      for (const word of words) if (held.has(word)) found.add(word);
      return found.size === words.length;
    });
    return found.size >= needed ? found.size : NO_MATCH;
  };
}

/** What tests a field for words that follow each other. */
export function phraseMatcher(index: LabIndex, name: string, text: string): Matcher {
  const bound = bind(index, name);
  if (bound?.field.kind !== "text") return termMatcher(index, name, [text], false);
  const words = analyze(text);
  if (words.length === 0) return () => NO_MATCH;
  return (doc) => scored(someValue(bound.column, doc, (value) => holdsPhrase(analyze(String(value)), words)));
}

const holdsPhrase = (held: readonly string[], words: readonly string[]): boolean =>
  held.some((_, start) => words.every((word, offset) => held[start + offset] === word));

function textOf(query: Json | undefined, name: string): string {
  if (query === undefined || query === null || typeof query === "object")
    throw parsing(`No text specified for text query [${name}]`);
  return String(query);
}
