import { describe, expect, test } from "vitest";
import { ask, LINES, lines, search, START, type Place } from "./elasticsearch-fixtures.ts";

/** Lines are read in the same ways. */
export function describeReading(place: () => Place): void {
  describe("reading lines", () => {
    test("fields hold what aliases and other mappings lead to, sources do not", async () => {
      const query = { term: { "trace.id": lines[7]?.traceId } };
      const fields = ["@timestamp", "message", "log.level", "service.name"];
      const { hits } = await search(place().url, `/${place().prefix}-ecs,${place().prefix}-otel`, {
        query,
        fields,
        _source: ["message", "body.*"],
      });
      expect(hits.hits.map(({ _index, fields: read, _source }) => [_index, read, _source])).toEqual(
        expect.arrayContaining([
          [
            `${place().prefix}-ecs`,
            {
              "@timestamp": ["2026-01-01T00:00:07.000Z"],
              message: ["order-7 took 7 ms"],
              "log.level": ["Info"],
              "service.name": ["cart"],
            },
            { message: "order-7 took 7 ms" },
          ],
          [
            `${place().prefix}-otel`,
            {
              "@timestamp": ["2026-01-01T00:00:07.000000789Z"],
              message: ["order-7 took 7 ms"],
              "log.level": ["Info"],
              "service.name": ["cart"],
            },
            { body: { text: "order-7 took 7 ms" } },
          ],
        ]),
      );
    });

    test("a seed gives the same sample each time, another one another", async () => {
      const sample = async (seed: number): Promise<readonly string[]> => {
        const random = {
          query: { match_all: {} },
          functions: [{ random_score: { seed, field: "_seq_no" } }],
          boost_mode: "replace",
        };
        const { hits } = await search(place().url, `/${place().prefix}-ecs`, {
          size: 50,
          query: { function_score: random },
          track_total_hits: true,
        });
        expect(hits.total).toEqual({ value: LINES, relation: "eq" });
        return hits.hits.map(({ _id }) => _id);
      };
      const [one, again, other] = [await sample(7), await sample(7), await sample(8)];
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
      const kept = await search(place().url, `/${place().prefix}-ecs`, {
        size: 50,
        query: { ids: { values: one } },
        fields: ["@timestamp"],
      });
      const halves = kept.hits.hits.filter(
        (hit) => Date.parse(String(hit.fields?.["@timestamp"]?.[0])) < START + 300_000,
      ).length;
      expect(halves).toBeGreaterThan(10);
      expect(halves).toBeLessThan(40);
    });

    test("a score is multiplied by nothing where all conditions are filters", async () => {
      const query = {
        function_score: {
          query: { bool: { filter: [{ match_all: {} }] } },
          random_score: { seed: 1, field: "_seq_no" },
        },
      };
      const { hits } = await search(place().url, `/${place().prefix}-ecs`, { size: 1, query });
      expect(hits.hits[0]?._score).toBe(0);
    });

    test("totals are exact up to what is asked for", async () => {
      const total = async (track: boolean | number): Promise<unknown> =>
        (await search(place().url, `/${place().prefix}-ecs`, { size: 0, track_total_hits: track })).hits.total;
      expect(await total(true)).toEqual({ value: LINES, relation: "eq" });
      expect(await total(100)).toEqual({ value: 100, relation: "gte" });
      expect(await total(false)).toBeUndefined();
      expect(
        (await ask(place().url, "POST", `/${place().prefix}-*/_count`, { query: { term: { "service.name": "cart" } } }))
          .body,
      ).toMatchObject({ count: 800 });
    });

    test("a walk through a point in time sees each line once, and none that came later", async () => {
      const opened = await ask(place().url, "POST", `/${place().prefix}-ecs,${place().prefix}-otel/_pit?keep_alive=1m`);
      let { id } = opened.body as { id: string };
      const seen: string[] = [];
      let after: readonly unknown[] | undefined;
      for (;;) {
        const page = await search(place().url, "", {
          size: 250,
          pit: { id, keep_alive: "1m" },
          sort: [
            { "@timestamp": { order: "desc", format: "strict_date_optional_time_nanos", numeric_type: "date_nanos" } },
            "_shard_doc",
          ],
          ...(after !== undefined && { search_after: after }),
          _source: false,
          fields: ["trace.id"],
        });
        id = page.pit_id ?? id;
        seen.push(...page.hits.hits.map(({ _index, fields }) => `${_index} ${String(fields?.["trace.id"]?.[0])}`));
        if (page.hits.hits.length < 250) break;
        after = page.hits.hits.at(-1)?.sort;
        const late = JSON.stringify({ "@timestamp": new Date(START - 1000).toISOString(), trace: { id: "late" } });
        await ask(
          place().url,
          "POST",
          `/${place().prefix}-ecs/_bulk?refresh=true`,
          `{"index":{"_id":"late"}}\n${late}\n`,
        );
      }
      const wanted = lines
        .toReversed()
        .flatMap(({ traceId }) => [`${place().prefix}-otel ${traceId}`, `${place().prefix}-ecs ${traceId}`]);
      expect(seen).toEqual(wanted);
      expect((await ask(place().url, "DELETE", "/_pit", { id })).body).toEqual({
        succeeded: true,
        num_freed: expect.any(Number) as number,
      });
      expect((await ask(place().url, "POST", "/_search", { pit: { id } })).status).toBe(404);
    });
  });
}
