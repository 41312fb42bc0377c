import { expect, test } from "vitest";
import { documents, openLab } from "./__fixtures__/client.ts";

const IN_QUERIES = [
  { fuzzy: { message: "x" } },
  { match: { message: { query: "x", fuzziness: "AUTO" } } },
  { match_phrase: { message: { query: "a b", slop: 2 } } },
  { range: { "@timestamp": { gte: "now", time_zone: "Europe/Vienna" } } },
  { range: { "@timestamp": { gte: "now", format: "dd/MM/yyyy" } } },
  { bool: { should: [], minimum_should_match: "75%" } },
  { terms: { level: { index: "other", id: "1", path: "x" } } },
  { query_string: { query: "n:[1 TO 5]" } },
  { function_score: { field_value_factor: { field: "n" } } },
  { function_score: { random_score: { seed: 1, field: "_id" } } },
];
const IN_AGGREGATIONS = [
  { categorize_text: { field: "message" } },
  { terms: { field: "level.keyword", include: "err.*" } },
  { terms: { field: "level.keyword", order: { deep: "desc" } } },
  { significant_terms: { field: "level.keyword", gnd: {} } },
  { date_histogram: { field: "@timestamp", calendar_interval: "month" } },
  { date_histogram: { field: "@timestamp", fixed_interval: "1m", time_zone: "Europe/Vienna" } },
  { min: { script: "1" } },
];
const IN_BODIES = [
  { highlight: { fields: {} } },
  { runtime_mappings: {} },
  { collapse: { field: "level.keyword" } },
  { sort: [{ "@timestamp": { order: "asc", nested: {} } }] },
  { fields: [{ field: "message", guess: 1 }] },
];

test.each([
  ...IN_QUERIES.map((query) => ({ query })),
  ...IN_AGGREGATIONS.map((aggregation) => ({ aggs: { a: aggregation } })),
  ...IN_BODIES,
])("what the lab does not know it refuses, and guesses nothing: %j", async (body) => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(3));
  expect(await ask("POST", "/logs/_search", body)).toMatchObject({
    status: 400,
    body: { status: 400, error: { type: expect.any(String) as string, reason: expect.any(String) as string } },
  });
});

test.each([
  ["POST", "/logs/_update_by_query"],
  ["POST", "/_query"],
  ["GET", "/_cat/shards"],
  ["GET", "/_nodes"],
] as const)("%s %s is no route of the lab", async (method, path) => {
  const { ask } = await openLab();
  expect((await ask(method, path)).status).toBeGreaterThanOrEqual(400);
});
