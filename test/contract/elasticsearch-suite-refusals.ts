import { describe, expect, test } from "vitest";
import { ask, type Place } from "./elasticsearch-fixtures.ts";

type Case = readonly [name: string, body: object, status: number, error: object];

const onShards = (type: string, reason?: RegExp): object => ({
  type: "search_phase_execution_exception",
  reason: "all shards failed",
  root_cause: [{ type, ...(reason !== undefined && { reason: expect.stringMatching(reason) as string }) }],
});

const CASES: readonly Case[] = [
  [
    "a query that is not known",
    { query: { guess: {} } },
    400,
    { type: "parsing_exception", reason: "unknown query [guess]" },
  ],
  [
    "an aggregation that is not known",
    { aggs: { a: { guess: {} } } },
    400,
    { type: "parsing_exception", reason: "Unknown aggregation type [guess]" },
  ],
  [
    "a key that is not known",
    { guess: 1 },
    400,
    { type: "parsing_exception", reason: "Unknown key for a VALUE_NUMBER in [guess]." },
  ],
  [
    "a clause of bool that is not known",
    { query: { bool: { guess: [] } } },
    400,
    { type: "x_content_parse_exception" },
  ],
  [
    "two fields in a term",
    { query: { term: { a: 1, b: 2 } } },
    400,
    { type: "parsing_exception", reason: "[term] query doesn't support multiple fields, found [a] and [b]" },
  ],
  [
    "a time that is none",
    { query: { range: { "@timestamp": { gte: "yesterday" } } } },
    400,
    onShards("parse_exception", /failed to parse date field \[yesterday\]/),
  ],
  [
    "counting words of a text",
    { aggs: { a: { terms: { field: "message" } } } },
    400,
    onShards("illegal_argument_exception", /^Fielddata is disabled on \[message\]/),
  ],
  ["sorting by a text", { sort: ["message"] }, 400, onShards("illegal_argument_exception", /^Fielddata is disabled/)],
  [
    "sorting by what is not mapped",
    { sort: ["no.such.field"] },
    400,
    onShards("query_shard_exception", /^No mapping found for \[no.such.field\] in order to sort on$/),
  ],
  [
    "more than 10,000 hits",
    { size: 10_001 },
    400,
    onShards("illegal_argument_exception", /^Result window is too large/),
  ],
  [
    "another number of values to go on after",
    { sort: ["@timestamp"], search_after: [1, 2] },
    400,
    onShards("illegal_argument_exception", /^search_after has 2 value\(s\) but sort has 1/),
  ],
  [
    "text that is no query string",
    { query: { query_string: { query: "message:((" } } },
    400,
    onShards("query_shard_exception", /^Failed to parse query/),
  ],
];

/** What is wrong is refused, in the same words and with the same status. */
export function describeRefusals(place: () => Place): void {
  describe("refusals", () => {
    test.for(CASES)("%s", async ([, body, status, error]) => {
      const { url, prefix } = place();
      expect(await ask(url, "POST", `/${prefix}-ecs/_search`, body)).toMatchObject({ status, body: { status, error } });
    });

    test("an index that is not there, a pattern of none, a point in time that is closed", async () => {
      const { url, prefix } = place();
      const missing = {
        status: 404,
        body: { error: { type: "index_not_found_exception", "resource.id": `${prefix}-none` } },
      };
      expect(await ask(url, "POST", `/${prefix}-none/_search`, {})).toMatchObject(missing);
      expect(await ask(url, "POST", `/${prefix}-none-*/_search`, {})).toMatchObject({
        status: 200,
        body: { _shards: { total: 0 }, hits: { hits: [] } },
      });
      const { body } = await ask(url, "POST", `/${prefix}-ecs/_pit?keep_alive=1m`);
      const { id } = body as { id: string };
      await ask(url, "DELETE", "/_pit", { id });
      expect(await ask(url, "DELETE", "/_pit", { id })).toMatchObject({
        status: 404,
        body: { succeeded: false, num_freed: 0 },
      });
      expect(await ask(url, "POST", "/_search", { pit: { id } })).toMatchObject({
        status: 404,
        body: { error: { root_cause: [{ type: "search_context_missing_exception" }] } },
      });
    });

    test("a search of no index has no aggregations at all", async () => {
      const { url, prefix } = place();
      const { body } = await ask(url, "POST", `/${prefix}-none-*/_search`, {
        size: 0,
        aggs: { a: { terms: { field: "x" } } },
      });
      expect(body).toMatchObject({ timed_out: false, hits: { total: { value: 0 } } });
      expect(body).not.toHaveProperty("aggregations");
    });

    test("what one index can not do is told beside what the others can", async () => {
      const { url, prefix } = place();
      const aggs = { texts: { terms: { field: "sev" } }, all: { terms: { field: "app.keyword" } } };
      const answer = await ask(url, "POST", `/${prefix}-*/_search`, {
        size: 0,
        sort: ["ts"],
        aggs,
      });
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _shards: {
            successful: 1,
            failures: expect.arrayContaining([
              expect.objectContaining({
                index: `${prefix}-ecs`,
                reason: expect.objectContaining({ type: "query_shard_exception" }) as object,
              }),
            ]) as object[],
          },
          hits: { total: { value: 600 } },
          aggregations: {
            all: {
              buckets: [
                { key: "cart", doc_count: 400 },
                { key: "checkout", doc_count: 200 },
              ],
            },
          },
        },
      });
    });

    test("a bound that is a number makes both of them milliseconds", async () => {
      const { url, prefix } = place();
      const query = { range: { "@timestamp": { gte: 1_767_225_600_000, lt: "2026-01-01T00:01:00Z" } } };
      expect(await ask(url, "POST", `/${prefix}-ecs/_search`, { query })).toMatchObject({
        status: 400,
        body: { error: { root_cause: [{ type: "parse_exception" }] } },
      });
    });

    test("a parameter that is not known, a method, a media type, a version of it", async () => {
      const { url, prefix } = place();
      expect(await ask(url, "POST", `/${prefix}-ecs/_search?guess=1`, {})).toMatchObject({
        status: 400,
        body: {
          error: {
            type: "illegal_argument_exception",
            reason: `request [/${prefix}-ecs/_search] contains unrecognized parameter: [guess]`,
          },
        },
      });
      const send = (type: string): Promise<Response> =>
        fetch(`${url}/${prefix}-ecs/_search`, { method: "POST", headers: { "content-type": type }, body: "{}" });
      expect((await send("text/plain")).status).toBe(406);
      expect((await send("application/json")).status).toBe(200);
    });

    test("a mapping that can not be", async () => {
      const { url, prefix } = place();
      const make = (field: object) => ask(url, "PUT", `/${prefix}-bad`, { mappings: { properties: { a: field } } });
      expect(await make({ type: "guess" })).toMatchObject({
        status: 400,
        body: {
          error: {
            type: "mapper_parsing_exception",
            root_cause: [{ reason: expect.stringMatching(/^The mapper type \[guess\]/) as string }],
          },
        },
      });
      expect(await make({ type: "keyword", guess: 1 })).toMatchObject({
        status: 400,
        body: { error: { root_cause: [{ reason: "unknown parameter [guess] on mapper [a] of type [keyword]" }] } },
      });
    });
  });
}
