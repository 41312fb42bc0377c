import { readExpression, readField, readStatic } from "./expressions.ts";
import type { TokenReader } from "./reader.ts";
import type { Aggregate, Field, MetricsStage, Pipeline, Spanset, Stage, Value } from "./tree.ts";

const AGGREGATES = new Set(["count", "avg", "min", "max", "sum"]);
const COUNTS = new Set(["rate", "count_over_time"]);
const SUMS = new Set(["min_over_time", "max_over_time", "avg_over_time", "sum_over_time", "histogram_over_time"]);
const COMPARISONS = ["=", "!=", "<", "<=", ">", ">="];

/** From the weakest to the strongest. */
const SPANSET_LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  [">>", "<<", ">", "<", "~", "!>>", "!<<", "!>", "!<", "!~", "&>>", "&<<", "&>", "&<", "&~"],
];

/** Reads a set of spans with all its steps. */
export function readPipeline(reader: TokenReader): Pipeline {
  const spans = readSpanset(reader);
  const stages = [];
  while (reader.accept("|")) stages.push(...readStage(reader));
  return { spans, stages };
}

/** Reads a set of spans, or several that are put together. */
function readSpanset(reader: TokenReader, level = 0): Spanset {
  const operators = SPANSET_LEVELS[level];
  if (operators === undefined) return readSingle(reader);
  let left = readSpanset(reader, level + 1);
  while (reader.isOperator(...operators)) {
    const operator = reader.advance().text;
    left = { type: "joined", operator, left, right: readSpanset(reader, level + 1) };
  }
  return left;
}

function readSingle(reader: TokenReader): Spanset {
  if (reader.accept("(")) {
    const pipeline = readPipeline(reader);
    reader.expect(")");
    return { type: "nested", pipeline };
  }
  if (!reader.accept("{")) throw reader.unexpected();
  if (reader.accept("}")) return { type: "filter", condition: undefined };
  const condition = readExpression(reader);
  if (!reader.accept("}")) throw reader.unexpected();
  return { type: "filter", condition };
}

/** Reads one step of a pipeline, after its bar. A step of metrics can be followed by a threshold, hence a list. */
function readStage(reader: TokenReader): readonly Stage[] {
  if (reader.isOperator("{", "(")) return [{ type: "filter", spans: readSpanset(reader) }];
  const { token } = reader;
  if (token.type !== "identifier") throw reader.unexpected();
  const stage = readNamed(reader, token.text);
  if (stage === undefined) throw reader.unexpected();
  if ((stage.type !== "metrics" && stage.type !== "top") || !reader.isOperator(...COMPARISONS)) return [stage];
  const operator = reader.advance().text;
  return [stage, { type: "threshold", operator, limit: readNumber(reader) }];
}

function readNamed(reader: TokenReader, name: string): Stage | undefined {
  if (AGGREGATES.has(name)) return readAggregate(reader);
  if (COUNTS.has(name) || SUMS.has(name) || name === "quantile_over_time") return readMetrics(reader, name);
  if (!["by", "coalesce", "select", "topk", "bottomk", "compare"].includes(name)) return undefined;
  reader.advance();
  if (name === "compare") return readCompare(reader);
  reader.expect("(");
  const stage = readCall(reader, name);
  reader.expect(")");
  return stage;
}

function readCall(reader: TokenReader, name: string): Stage {
  if (name === "by") return { type: "by", field: readField(reader) };
  if (name === "coalesce") return { type: "coalesce" };
  if (name === "topk" || name === "bottomk") return { type: "top", name, count: readNumber(reader) };
  return { type: "select", fields: readFields(reader) };
}

function readFields(reader: TokenReader): readonly Field[] {
  const fields = [readField(reader)];
  while (reader.accept(",")) fields.push(readField(reader));
  return fields;
}

function readAggregate(reader: TokenReader): Stage {
  const aggregate = readAggregateCall(reader);
  if (!reader.isOperator(...COMPARISONS)) throw reader.unexpected();
  const operator = reader.advance().text;
  const limit = readStatic(reader);
  if (limit === undefined) throw reader.unexpected();
  return { type: "aggregate", aggregate, operator, limit };
}

function readAggregateCall(reader: TokenReader): Aggregate {
  const name = reader.advance().text;
  reader.expect("(");
  const of = name === "count" ? undefined : readField(reader);
  reader.expect(")");
  return { name, of };
}

function readMetrics(reader: TokenReader, name: string): MetricsStage {
  reader.advance();
  reader.expect("(");
  const of = COUNTS.has(name) ? undefined : readField(reader);
  const quantiles: number[] = [];
  if (name === "quantile_over_time") while (reader.accept(",")) quantiles.push(readNumber(reader));
  reader.expect(")");
  return { type: "metrics", name, of, quantiles, by: readBy(reader) };
}

function readBy(reader: TokenReader): readonly Field[] {
  if (!reader.isWord("by")) return [];
  reader.advance();
  reader.expect("(");
  if (reader.accept(")")) return [];
  const fields = readFields(reader);
  reader.expect(")");
  return fields;
}

/**
 * `compare({...}, topN, start, end)`:
 * https://grafana.com/docs/tempo/latest/metrics-from-traces/metrics-queries/functions/#compare
 */
function readCompare(reader: TokenReader): MetricsStage {
  reader.expect("(");
  if (!reader.isOperator("{")) throw reader.unexpected("{");
  const { spans: selection } = readPipeline(reader);
  const numbers: number[] = [];
  while (reader.accept(",")) numbers.push(readNumber(reader));
  reader.expect(")");
  const [top = 10, from = 0, to = 0] = numbers;
  return { type: "metrics", name: "compare", of: undefined, quantiles: [], by: [], selection, top, from, to };
}

function readNumber(reader: TokenReader): number {
  const value: Value | undefined = readStatic(reader);
  if (value === undefined) throw reader.unexpected();
  if (value.type !== "int" && value.type !== "float" && value.type !== "duration") throw reader.unexpected();
  return value.value;
}
