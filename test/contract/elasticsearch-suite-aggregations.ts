import { describe, expect, test } from "vitest";
import { lines, search, START, type Line, type Place } from "./elasticsearch-fixtures.ts";

const at = (second: number): number => START + second * 1000;
const isFailed = ({ level }: Line): boolean => level !== "Info";
const countOf = (belongs: (line: Line) => boolean): number => lines.filter(belongs).length;
const FAILED = { terms: { "log.level": ["error", "ERROR"] } };

/** Aggregations count the same. */
export function describeAggregations(place: () => Place): void {
  const aggregate = async (
    index: string,
    aggs: object,
    query: object = { match_all: {} },
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { url, prefix } = place();
    const own = { bool: { filter: [query], must_not: { ids: { values: ["late"] } } } };
    return (await search(url, `/${prefix}-${index}`, { size: 0, query: own, aggs })).aggregations ?? {};
  };

  describe("aggregations", () => {
    test.for(["ecs", "otel"])(
      "a histogram counts lines and failed ones, empty intervals too, in the mapping %s",
      async (mapping) => {
        const histogram = {
          field: "@timestamp",
          fixed_interval: "1m",
          min_doc_count: 0,
          extended_bounds: { min: at(-60), max: at(659) },
        };
        const { perMinute } = await aggregate(mapping, {
          perMinute: { date_histogram: histogram, aggs: { failed: { filter: FAILED } } },
        });
        const within = (minute: number) => (line: Line) =>
          line.at >= at(minute * 60) && line.at < at((minute + 1) * 60);
        expect(perMinute).toEqual({
          buckets: Array.from({ length: 12 }, (_, each) => each - 1).map((minute) => ({
            key: at(minute * 60),
            key_as_string: new Date(at(minute * 60)).toISOString(),
            doc_count: countOf(within(minute)),
            failed: { doc_count: countOf((line) => within(minute)(line) && isFailed(line)) },
          })),
        });
      },
    );

    test("terms are ordered by their counts, then by themselves, and say what was left out", async () => {
      const { all, two, some } = await aggregate("ecs", {
        all: { terms: { field: "kubernetes.pod.name", size: 100 } },
        two: { terms: { field: "kubernetes.pod.name", size: 2, order: { _key: "desc" } } },
        some: { terms: { field: "kubernetes.pod.name", include: ["pod-1", "checkout-2", "nobody"] } },
      });
      const pods = [...new Set(lines.map(({ pod }) => pod))].map((key) => ({
        key,
        doc_count: countOf(({ pod }) => pod === key),
      }));
      const sorted = pods.toSorted((one, other) => other.doc_count - one.doc_count || (one.key < other.key ? -1 : 1));
      expect(all).toMatchObject({ sum_other_doc_count: 0, buckets: sorted });
      const byName = pods.toSorted((one, other) => (one.key < other.key ? 1 : -1));
      expect(two).toMatchObject({
        buckets: byName.slice(0, 2),
        sum_other_doc_count: byName.slice(2).reduce((sum, each) => sum + each.doc_count, 0),
      });
      expect(some).toMatchObject({ buckets: sorted.filter(({ key }) => key === "pod-1" || key === "checkout-2") });
    });

    test("filters count both sides, with values in each", async () => {
      const sides = { selection: FAILED, background: { bool: { must_not: [FAILED] } } };
      const values = {
        pods: { terms: { field: "k8s.pod.name", include: ["checkout-2"] } },
        ids: { cardinality: { field: "trace.id" } },
      };
      const { sides: counted } = await aggregate("otel", { sides: { filters: { filters: sides }, aggs: values } });
      const failed = countOf(isFailed);
      const near = (count: number): unknown => ({ value: expect.closeTo(count, -1) as number });
      expect(counted).toEqual({
        buckets: {
          selection: {
            doc_count: failed,
            ids: near(failed),
            pods: {
              doc_count_error_upper_bound: 0,
              sum_other_doc_count: 0,
              buckets: [{ key: "checkout-2", doc_count: failed }],
            },
          },
          background: {
            doc_count: lines.length - failed,
            ids: near(lines.length - failed),
            pods: { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] },
          },
        },
      });
      const { unnamed } = await aggregate("ecs", {
        unnamed: { filters: { other_bucket_key: "rest", filters: { failed: FAILED } } },
      });
      expect(unnamed).toEqual({
        buckets: { failed: { doc_count: failed }, rest: { doc_count: lines.length - failed } },
      });
    });

    test("significant terms are scored by how much their share grew", async () => {
      const significant = {
        field: "service.name",
        min_doc_count: 1,
        background_filter: { range: { "@timestamp": { lt: at(600), gte: at(0) } } },
      };
      const { services } = await aggregate("ecs", { services: { significant_terms: significant } }, FAILED);
      const [failed, both, checkout] = [
        countOf(isFailed),
        countOf((line) => isFailed(line) && line.service === "checkout"),
        countOf(({ service }) => service === "checkout"),
      ];
      const [share, before] = [both / failed, checkout / lines.length];
      expect(services).toEqual({
        doc_count: failed,
        bg_count: lines.length,
        buckets: [
          {
            key: "checkout",
            doc_count: both,
            bg_count: checkout,
            score: expect.closeTo((share - before) * (share / before), 6) as number,
          },
        ],
      });
    });

    test("numbers and times have a least and a greatest", async () => {
      const { first, last, least, none } = await aggregate("otel", {
        first: { min: { field: "@timestamp" } },
        last: { max: { field: "@timestamp" } },
        least: { min: { field: "severity_number" } },
        none: { max: { field: "no.such.field" } },
      });
      expect([least, none]).toEqual([{ value: 9 }, { value: null }]);
      expect([first, last]).toMatchObject([{ value: START }, { value: at(599) }]);
    });

    test("a search of several gives each its answer, or its refusal", async () => {
      const { url, prefix } = place();
      const head = JSON.stringify({ index: `${prefix}-ecs` });
      const answer = await fetch(`${url}/_msearch`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: [
          head,
          '{"size":0}',
          JSON.stringify({ index: "no-such-index" }),
          "{}",
          head,
          '{"size":0,"aggs":{"a":{"terms":{"field":"message"}}}}',
          "",
        ].join("\n"),
      });
      expect(await answer.json()).toMatchObject({
        responses: [
          { status: 200, hits: { total: { relation: "eq" } } },
          { status: 404, error: { type: "index_not_found_exception" } },
          {
            status: 400,
            error: { type: "search_phase_execution_exception", root_cause: [{ type: "illegal_argument_exception" }] },
          },
        ],
      });
    });
  });
}
