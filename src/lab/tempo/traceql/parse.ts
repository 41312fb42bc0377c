import { readField, readStatic } from "./expressions.ts";
import { readPipeline } from "./pipeline.ts";
import { TokenReader } from "./reader.ts";
import { metricsOf, type Query, type Value } from "./tree.ts";
import { validateQuery } from "./validate.ts";

/** From the weakest to the strongest. */
const MATH_LEVELS: readonly (readonly string[])[] = [["+", "-"], ["*", "/", "%"], ["^"]];

/**
 * Reads a query of TraceQL. Throws what Tempo says of one that can not be read, and of what this stand-in does not
 * know.
 * Source: https://grafana.com/docs/tempo/latest/traceql/
 */
export function parseQuery(source: string): Query {
  const reader = new TokenReader(source);
  const root = readRoot(reader);
  const hints = readHints(reader);
  if (reader.token.type !== "end") throw reader.unexpected();
  const query = { root, hints };
  validateQuery(query);
  return query;
}

function readRoot(reader: TokenReader, level = 0): Query["root"] {
  const operators = MATH_LEVELS[level];
  if (operators === undefined) return readPart(reader);
  let left = readRoot(reader, level + 1);
  while (reader.isOperator(...operators)) {
    const operator = reader.advance().text;
    left = { type: "math", operator, left, right: readRoot(reader, level + 1) };
  }
  return left;
}

function readPart(reader: TokenReader): Query["root"] {
  const pipeline = readPipeline(reader);
  const { spans, stages } = pipeline;
  // Brackets around a whole query of metrics.
  if (spans.type === "nested" && stages.length === 0 && metricsOf(spans.pipeline) !== undefined)
    return { type: "pipeline", pipeline: spans.pipeline };
  return { type: "pipeline", pipeline };
}

function readHints(reader: TokenReader): Query["hints"] {
  const hints: Record<string, Value> = {};
  if (!reader.isWord("with")) return hints;
  reader.advance();
  reader.expect("(");
  do {
    const name = reader.advance().text;
    reader.expect("=");
    const value = readStatic(reader);
    if (value === undefined) throw reader.unexpected();
    hints[name] = value;
  } while (reader.accept(","));
  reader.expect(")");
  return hints;
}

/** Reads the name of a field that stands alone, as in the path of tag values. */
export function parseField(source: string): ReturnType<typeof readField> {
  const reader = new TokenReader(`{${source}}`);
  reader.expect("{");
  const field = readField(reader);
  reader.expect("}");
  return field;
}
