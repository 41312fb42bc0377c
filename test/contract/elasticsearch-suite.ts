import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, fill, LINES, search, START, type ElasticsearchUnderTest, type Place } from "./elasticsearch-fixtures.ts";
import { describeAggregations } from "./elasticsearch-suite-aggregations.ts";
import { describeCapabilities } from "./elasticsearch-suite-capabilities.ts";
import { describeQueries } from "./elasticsearch-suite-queries.ts";
import { describeReading } from "./elasticsearch-suite-reading.ts";
import { describeRefusals } from "./elasticsearch-suite-refusals.ts";
import { describeSource } from "./elasticsearch-suite-source.ts";

/** What our source needs of Elasticsearch, emulated or real: each case runs against both. */
export function describeElasticsearch(startServer: () => Promise<ElasticsearchUnderTest>): void {
  let server: ElasticsearchUnderTest;
  const prefix = `suite-${randomBytes(4).toString("hex")}`;
  const place = (): Place => ({ url: server.url, prefix });

  beforeAll(async () => {
    server = await startServer();
    await fill(server.url, prefix);
  });

  afterAll(async () => {
    for (const name of ["ecs", "otel", "custom", "new"])
      await ask(server.url, "DELETE", `/${prefix}-${name}?ignore_unavailable=true`);
    await server.close();
  });

  describe("the server", () => {
    test("says what it is and speaks version 8 of its JSON", async () => {
      const root = await ask(server.url, "GET", "/");
      expect(root.headers["x-elastic-product"]).toBe("Elasticsearch");
      expect(root.body).toMatchObject({
        version: { number: expect.stringMatching(/^[89]\./) as string },
        tagline: "You Know, for Search",
      });
      const vendor = "application/vnd.elasticsearch+json; compatible-with=8";
      const answer = await fetch(`${server.url}/${prefix}-ecs/_search`, {
        method: "POST",
        headers: { accept: vendor, "content-type": vendor },
        body: '{"size":0}',
      });
      expect(answer.headers.get("content-type")).toBe("application/vnd.elasticsearch+json;compatible-with=8");
    });

    test("lists indices with the number of their documents", async () => {
      const { body } = await ask(server.url, "GET", `/_cat/indices/${prefix}-*?format=json&h=index,docs.count&s=index`);
      expect(body).toEqual(
        ["custom", "ecs", "otel"].map((name) => ({ index: `${prefix}-${name}`, "docs.count": String(LINES) })),
      );
    });
  });

  describe("bulk and templates", () => {
    test("takes each document by itself and says why one is refused", async () => {
      const index = `${prefix}-new`;
      await ask(server.url, "PUT", `/_index_template/${prefix}`, {
        index_patterns: [`${index}*`],
        priority: 999,
        template: {
          mappings: {
            dynamic_templates: [
              {
                texts: {
                  match_mapping_type: "string",
                  unmatch: "message",
                  mapping: { type: "keyword", ignore_above: 8 },
                },
              },
            ],
            properties: { at: { type: "date" } },
          },
        },
      });
      const documents = [
        { create: {} },
        { at: START, host: "a", message: "one two", n: 1, ok: true },
        { create: {} },
        { at: "never", host: "b" },
        { index: { _id: "x" } },
        { at: "2026-01-01T01:00:00+01:00", host: ["c", "a-name-too-long"], n: 2.5 },
        { create: { _id: "x" } },
        { at: START },
      ];
      const { status, body } = await ask(
        server.url,
        "POST",
        `/${index}/_bulk?refresh=true`,
        documents.map((each) => `${JSON.stringify(each)}\n`).join(""),
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({
        errors: true,
        items: [
          { create: { status: 201, result: "created" } },
          {
            create: {
              status: 400,
              error: { type: "document_parsing_exception", caused_by: { type: "illegal_argument_exception" } },
            },
          },
          { index: { _id: "x", status: 201 } },
          { create: { status: 409, error: { type: "version_conflict_engine_exception" } } },
        ],
      });
      const caps = await ask(server.url, "GET", `/${index}/_field_caps?fields=host,message*,n,ok,at`);
      expect(caps.body).toMatchObject({
        fields: {
          host: { keyword: {} },
          message: { text: {} },
          "message.keyword": { keyword: {} },
          n: { long: {} },
          ok: { boolean: {} },
          at: { date: {} },
        },
      });
      const read = await search(server.url, `/${index}`, {
        query: { ids: { values: ["x"] } },
        _source: false,
        fields: ["*"],
      });
      expect(read.hits.hits[0]).toMatchObject({
        fields: { at: ["2026-01-01T00:00:00.000Z"], host: ["c"] },
        _ignored: ["host"],
        ignored_field_values: { host: ["a-name-too-long"] },
      });
      await ask(server.url, "DELETE", `/_index_template/${prefix}`);
    });
  });

  describeCapabilities(place);
  describeReading(place);
  describeQueries(place);
  describeAggregations(place);
  describeRefusals(place);
  describeSource(place);
}
