import { expect, test } from "vitest";
import { documents, openLab } from "./__fixtures__/client.ts";
import type { ElasticsearchTrouble } from "./contract.ts";

const COUNT = { size: 0, track_total_hits: true };

test.each<[ElasticsearchTrouble, number, string, RegExp]>([
  [{ kind: "rejected" }, 429, "es_rejected_execution_exception", /queue capacity/],
  [{ kind: "circuit_breaker" }, 429, "circuit_breaking_exception", /Data too large/],
  [{ kind: "forbidden" }, 403, "security_exception", /is unauthorized for API key .* on indices \[logs\]/],
  [{ kind: "licence", feature: "ml" }, 403, "security_exception", /current license is non-compliant for \[ml\]/],
  [{ kind: "no_shards" }, 503, "search_phase_execution_exception", /all shards failed/],
])("%j is refused as Elasticsearch says it, and over when it is over", async (trouble, status, type, reason) => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(5));
  lab.setTrouble(trouble);
  expect(await ask("POST", "/logs/_search", COUNT)).toMatchObject({
    status,
    body: {
      status,
      error: { type, reason: expect.stringMatching(reason) as string, root_cause: expect.any(Array) as [] },
    },
  });
  expect((await ask("GET", "/")).status).toBe(200);
  lab.setTrouble(undefined);
  expect((await ask("POST", "/logs/_search", COUNT)).status).toBe(200);
});

test("a trouble can be one of chosen paths only", async () => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(5));
  lab.setTrouble({ kind: "forbidden", path: /_field_caps$/ });
  expect((await ask("GET", "/logs/_field_caps?fields=*")).status).toBe(403);
  expect((await ask("POST", "/logs/_search", COUNT)).status).toBe(200);
});

test("shards that can not be read are told, and their documents are missing in hits and counts", async () => {
  const { lab, ask } = await openLab();
  await ask("PUT", "/logs", { settings: { number_of_shards: 4 } });
  lab.write("logs", documents(100));
  lab.setTrouble({ kind: "partial_shards", shards: [1] });
  const search = { ...COUNT, aggs: { levels: { terms: { field: "level.keyword" } } } };
  expect(await ask("POST", "/logs/_search", search)).toMatchObject({
    status: 200,
    body: {
      _shards: {
        total: 4,
        successful: 3,
        failed: 1,
        failures: [{ shard: 1, index: "logs", reason: { type: "node_not_connected_exception" } }],
      },
      hits: { total: { value: 75 } },
      aggregations: {
        levels: {
          buckets: [
            { key: "info", doc_count: 65 },
            { key: "error", doc_count: 10 },
          ],
        },
      },
    },
  });
  expect((await ask("POST", "/logs/_search?allow_partial_search_results=false", search)).status).toBe(503);
  lab.setTrouble({ kind: "partial_shards", indices: ["logs"] });
  expect(await ask("POST", "/logs/_search", search)).toMatchObject({
    status: 503,
    body: { error: { reason: "all shards failed" } },
  });
});

test("a search whose time is up gives what it has seen", async () => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(100));
  lab.setTrouble({ kind: "timed_out", share: 0.25 });
  expect(await ask("POST", "/logs/_search", COUNT)).toMatchObject({
    status: 200,
    body: { timed_out: true, hits: { total: { value: 25 } } },
  });
});

test("a slow answer is the true one, later", async () => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(3));
  lab.setTrouble({ kind: "slow", ms: 60 });
  const begin = performance.now();
  expect(await ask("POST", "/logs/_count", {})).toMatchObject({ status: 200, body: { count: 3 } });
  expect(performance.now() - begin).toBeGreaterThanOrEqual(55);
});

test("faults of the connection are those of every lab", async () => {
  const { lab, ask } = await openLab();
  lab.write("logs", documents(3));
  await lab.setFault({ kind: "cut_short", path: "/logs/_search" });
  await expect(ask("POST", "/logs/_search", {})).rejects.toThrow(/./);
  await lab.setFault({ kind: "status", status: 502 });
  await expect(ask("GET", "/")).resolves.toMatchObject({ status: 502 });
});
