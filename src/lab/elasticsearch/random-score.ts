import { parsing } from "./errors.ts";
import { isObject, type Json, type JsonObject, say } from "./json.ts";
import type { LabIndex } from "./lab-index.ts";
import { NO_MATCH, type Query, type QueryWorld } from "./matcher.ts";
import { onlyKnown, wholeAt } from "./read.ts";

const KNOWN = ["query", "random_score", "functions", "boost_mode", "score_mode", "boost", "_name"];

/**
 * Reads `function_score` with `random_score`, its only function in the lab: a seed gives each document always the same
 * score.
 */
export function functionScore(
  clause: JsonObject,
  world: QueryWorld,
  readQuery: (query: Json, world: QueryWorld) => Query,
): Query {
  onlyKnown(clause, KNOWN, "function_score");
  const query = readQuery(clause["query"] ?? { match_all: {} }, world);
  const seed = seedOf(randomOf(clause));
  const mode = clause["boost_mode"] ?? "multiply";
  if (mode !== "replace" && mode !== "multiply" && mode !== "sum")
    throw parsing(`[function_score] the lab knows no [boost_mode] [${say(mode)}]`);
  return (index) => {
    const matcher = query(index);
    return (doc) => {
      const score = matcher(doc);
      if (score === NO_MATCH) return NO_MATCH;
      const random = randomOfDocument(index, doc, seed);
      return mode === "replace" ? random : mode === "sum" ? score + random : score * random;
    };
  };
}

function randomOf(clause: JsonObject): JsonObject {
  const functions = clause["functions"];
  const [only, more] = Array.isArray(functions) ? (functions as readonly JsonObject[]) : [clause];
  const random = only?.["random_score"];
  if (more !== undefined || !isObject(random))
    throw parsing("[function_score] the lab knows a single [random_score] only");
  return random;
}

function seedOf(random: JsonObject): number {
  onlyKnown(random, ["seed", "field"], "random_score");
  if (random["seed"] !== undefined && random["field"] !== "_seq_no")
    throw parsing("[random_score] the lab scores by the field [_seq_no] only");
  return wholeAt(random["seed"], Math.floor(Math.random() * 2 ** 31), "seed");
}

/** From 0 to 1: a murmur of the seed, the index and the number of the document. */
function randomOfDocument({ name }: LabIndex, doc: number, seed: number): number {
  let hash = seed ^ name.length ^ (name.codePointAt(name.length - 1) ?? 0);
  hash = Math.imul(hash ^ doc, 0x9e_37_79_b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return ((hash ^ (hash >>> 16)) >>> 8) / 2 ** 24;
}
