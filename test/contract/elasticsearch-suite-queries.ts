import { describe, expect, test } from "vitest";
import { ask, lines, search, START, type Line, type Place } from "./elasticsearch-fixtures.ts";

type Case = readonly [name: string, query: object, belongs: (line: Line) => boolean];

const at = (second: number): number => START + second * 1000;
const isFailed = ({ level }: Line): boolean => level !== "Info";

const CASES: readonly Case[] = [
  ["match_all", { match_all: {} }, () => true],
  ["term", { term: { "service.name": "checkout" } }, ({ service }) => service === "checkout"],
  ["term is exact", { term: { "log.level": "error" } }, ({ level }) => level === "error"],
  ["term in any case", { term: { "log.level": { value: "error", case_insensitive: true } } }, isFailed],
  ["terms", { terms: { "log.level": ["ERROR", "error", "FATAL"] } }, isFailed],
  ["a field that is not mapped", { term: { "no.such.field": "x" } }, () => false],
  [
    "prefix",
    { prefix: { "trace.id": "000000000000000000000000000003" } },
    (line) => [...Array(100).keys()].some((each) => line.at === at(300 + each)),
  ],
  ["wildcard", { wildcard: { "trace.id": "*59" } }, ({ at: time }) => (time - START) % 100_000 === 59_000],
  [
    "range, its end left out",
    { range: { "@timestamp": { gte: at(10), lt: at(20) } } },
    (line) => line.at >= at(10) && line.at < at(20),
  ],
  [
    "range in text",
    { range: { "@timestamp": { gt: "2026-01-01T00:01:00Z", lte: "2026-01-01T00:02:00+00:00" } } },
    (line) => line.at > at(60) && line.at <= at(120),
  ],
  [
    "range in another format",
    { range: { "@timestamp": { gte: START / 1000 + 590, format: "epoch_second" } } },
    (line) => line.at >= at(590),
  ],
  ["range up to a whole day", { range: { "@timestamp": { lte: "2026-01-01" } } }, () => true],
  [
    "range by calculation",
    { range: { "@timestamp": { gte: "2026-01-01T00:09:00Z||-1m/m" } } },
    (line) => line.at >= at(480),
  ],
  ["exists", { exists: { field: "message" } }, () => true],
  ["exists of an object", { exists: { field: "service" } }, () => true],
  ["exists of nothing", { exists: { field: "error.type" } }, () => false],
  ["match, one word of several", { match: { message: "REFUSED xyzzy" } }, isFailed],
  ["match, all words", { match: { message: { query: "connection refused", operator: "and" } } }, isFailed],
  ["match of a number in a text", { match: { message: "10.0.0.9" } }, isFailed],
  ["match of half a name", { match: { message: "order" } }, () => true],
  ["match_phrase", { match_phrase: { message: "Connection refused by" } }, isFailed],
  ["match_phrase in another order", { match_phrase: { message: "refused connection" } }, () => false],
  [
    "query_string",
    { query_string: { query: 'service.name:checkout AND message:"connection refused"' } },
    (line) => isFailed(line) && line.service === "checkout",
  ],
  [
    "query_string with NOT and OR",
    { query_string: { query: "(log.level:ERROR OR log.level:error) AND NOT service.name:cart" } },
    (line) => isFailed(line) && line.service !== "cart",
  ],
  [
    "query_string, words that a keyword takes as one",
    { query_string: { query: "log.level:(error ERROR)" } },
    () => false,
  ],
  [
    "query_string, OR where all is needed",
    { query_string: { query: "log.level:(error OR ERROR)", default_operator: "and" } },
    isFailed,
  ],
  ["query_string with a wildcard", { query_string: { query: "log.level:err*" } }, ({ level }) => level === "error"],
  [
    "bool with filter and must_not",
    { bool: { filter: [{ term: { "service.name": "cart" } }], must_not: [{ term: { "log.level": "Info" } }] } },
    (line) => line.service === "cart" && isFailed(line),
  ],
  [
    "bool with should alone",
    { bool: { should: [{ term: { "service.name": "cart" } }, { term: { "log.level": "error" } }] } },
    (line) => line.service === "cart" || line.level === "error",
  ],
  [
    "bool whose should is no condition",
    { bool: { filter: { term: { "service.name": "cart" } }, should: { term: { "log.level": "error" } } } },
    (line) => line.service === "cart",
  ],
  [
    "bool with a least of should",
    {
      bool: {
        filter: { match_all: {} },
        should: [{ term: { "service.name": "cart" } }, { terms: { "log.level": ["error", "ERROR"] } }],
        minimum_should_match: 2,
      },
    },
    (line) => line.service === "cart" && isFailed(line),
  ],
  [
    "constant_score",
    { constant_score: { filter: { term: { "log.level": "ERROR" } } } },
    ({ level }) => level === "ERROR",
  ],
];

/** Queries find the same lines, whatever the mapping is. */
export function describeQueries(place: () => Place): void {
  describe("queries", () => {
    test.for(["ecs", "otel"].flatMap((mapping) => CASES.map((each) => [mapping, ...each] as const)))(
      "in the mapping %s: %s",
      async ([mapping, , query, belongs]) => {
        const { url, prefix } = place();
        const wanted = lines.filter(belongs).map(({ traceId }) => traceId);
        const own = { bool: { filter: [query], must_not: { ids: { values: ["late"] } } } };
        const { hits } = await search(url, `/${prefix}-${mapping}`, {
          query: own,
          size: 1000,
          fields: ["trace.id"],
          _source: false,
          sort: "@timestamp",
        });
        expect(hits.hits.map(({ fields }) => fields?.["trace.id"]?.[0])).toEqual(wanted);
      },
    );

    test("times that are held to the nanosecond are compared to it", async () => {
      const { url, prefix } = place();
      const count = async (bounds: object): Promise<number | undefined> =>
        (await search(url, `/${prefix}-otel`, { size: 0, query: { range: { "@timestamp": bounds } } })).hits.total
          ?.value;
      expect(await count({ lte: "2026-01-01T00:00:00.000000788Z" })).toBe(0);
      expect(await count({ lte: "2026-01-01T00:00:00.000000789Z" })).toBe(1);
    });

    test("a time without seconds is none where times are held to the nanosecond", async () => {
      const { url, prefix } = place();
      const range = { range: { "@timestamp": { lte: "2026-01-01T00:00" } } };
      expect(
        (
          await search(url, `/${prefix}-ecs`, {
            size: 0,
            query: { bool: { filter: range, must_not: { ids: { values: ["late"] } } } },
          })
        ).hits.total?.value,
      ).toBe(60);
      expect(await ask(url, "POST", `/${prefix}-otel/_search`, { query: range })).toMatchObject({ status: 400 });
    });

    test("times of a mapping of its own are compared by its format", async () => {
      const { url, prefix } = place();
      const { hits } = await search(url, `/${prefix}-custom`, {
        query: { range: { ts: { gte: at(598) } } },
        sort: [{ ts: "desc" }],
        fields: ["ts"],
      });
      expect(hits.hits.map(({ fields, sort }) => [fields?.["ts"], sort])).toEqual(
        [599, 598].map((each) => [[String(at(each))], [at(each)]]),
      );
    });
  });
}
