import { ElasticError, parsing } from "./errors.ts";
import { isObject, listOf, type Json, type JsonObject } from "./json.ts";
import { NO_MATCH, scored, type Matcher, type Query, type QueryWorld } from "./matcher.ts";
import { readExists } from "./query-exists.ts";
import { readMatch, readMatchPhrase } from "./query-match.ts";
import { readQueryString } from "./query-string.ts";
import { readRange } from "./query-range.ts";
import { functionScore } from "./random-score.ts";
import { readPattern, readTerm, readTerms } from "./query-term.ts";
import { objectAt, onlyKnown, wholeAt } from "./read.ts";

const BOOL = new Set([
  "must",
  "filter",
  "should",
  "must_not",
  "minimum_should_match",
  "boost",
  "_name",
  "adjust_pure_negative",
]);

const READERS: Readonly<Record<string, (clause: JsonObject, world: QueryWorld) => Query>> = {
  match_all: (clause) => {
    onlyKnown(clause, ["boost", "_name"], "match_all");
    return () => () => 1;
  },
  match_none: () => () => () => NO_MATCH,
  bool: readBool,
  constant_score: (clause, world) => {
    onlyKnown(clause, ["filter", "boost", "_name"], "constant_score");
    const query = readQuery(clause["filter"], world);
    const boost = Number(clause["boost"] ?? 1);
    return (index) => {
      const matcher = query(index);
      return (doc) => (matcher(doc) === NO_MATCH ? NO_MATCH : boost);
    };
  },
  exists: readExists,
  ids: (clause) => {
    onlyKnown(clause, ["values", "boost", "_name"], "ids");
    const ids = new Set(listOf(clause["values"]).map(String));
    return (index) => (doc) => scored(ids.has(index.ids[doc] ?? ""));
  },
  term: readTerm,
  terms: readTerms,
  prefix: (clause) => readPattern("prefix", clause),
  wildcard: (clause) => readPattern("wildcard", clause),
  range: readRange,
  match: readMatch,
  match_phrase: readMatchPhrase,
  query_string: readQueryString,
  function_score: (clause, world) => functionScore(clause, world, readQuery),
};

/** Reads a query; throws what Elasticsearch refuses it with. One that the lab does not know is unknown. */
export function readQuery(query: Json | undefined, world: QueryWorld): Query {
  const [name, ...more] = Object.keys(objectAt(query, "query"));
  if (name === undefined) throw new ElasticError("illegal_argument_exception", "query malformed, empty clause found");
  if (more.length > 0) throw parsing(`[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`);
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read === undefined)
    throw new ElasticError("parsing_exception", `unknown query [${name}]`, {
      details: { caused_by: { type: "named_object_not_found_exception", reason: `[1:1] unknown field [${name}]` } },
    });
  const clause = isObject(query) ? query[name] : undefined;
  if (!isObject(clause)) throw parsing(`[${name}] query malformed, no start_object after query name`);
  return read(clause, world);
}

function readBool(clause: JsonObject, world: QueryWorld): Query {
  for (const name of Object.keys(clause))
    if (!BOOL.has(name)) throw new ElasticError("x_content_parse_exception", `[1:1] [bool] unknown field [${name}]`);
  const [must, filter, should, not] = ["must", "filter", "should", "must_not"].map((name) =>
    listOf(clause[name]).map((each) => readQuery(each, world)),
  );
  const least = leastOfShould(clause["minimum_should_match"], [...(must ?? []), ...(filter ?? [])].length === 0);
  return (index) => {
    const [musts, filters, shoulds, nots] = [must, filter, should, not].map((queries) =>
      (queries ?? []).map((query) => query(index)),
    );
    return (doc) => {
      if (!every(filters, doc) || nots?.some((matcher) => matcher(doc) !== NO_MATCH)) return NO_MATCH;
      let score = 0;
      for (const matcher of musts ?? []) {
        const one = matcher(doc);
        if (one === NO_MATCH) return NO_MATCH;
        score += one;
      }
      const hits = (shoulds ?? []).map((matcher) => matcher(doc)).filter((one) => one !== NO_MATCH);
      if (shoulds !== undefined && shoulds.length > 0 && hits.length < least) return NO_MATCH;
      return hits.reduce((sum, one) => sum + one, score);
    };
  };
}

const every = (matchers: readonly Matcher[] | undefined, doc: number): boolean =>
  (matchers ?? []).every((matcher) => matcher(doc) !== NO_MATCH);

function leastOfShould(given: Json | undefined, standsAlone: boolean): number {
  if (typeof given === "string" && !/^\d+$/.test(given))
    throw parsing(`[bool] the lab reads [minimum_should_match] as a whole number only, not [${given}]`);
  const least = standsAlone ? 1 : 0;
  return Math.max(least, wholeAt(given, least, "minimum_should_match"));
}
