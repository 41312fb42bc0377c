import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogReading } from "../../src/core/telemetry.ts";
import type { ElasticsearchLab } from "../../src/lab/elasticsearch/contract.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { ecsLine, END, patience, questionOf, withSource } from "./elasticsearch-source-fixtures.ts";

/** What of an answer is changed here. */
interface Found {
  readonly _shards: { total: number; successful: number; failed: number };
  readonly hits: { hits: readonly unknown[] };
  readonly aggregations?: { readonly over_time?: { readonly buckets: { key: number; readonly doc_count: number }[] } };
}

let lab: ElasticsearchLab;
beforeEach(async () => {
  lab = await startElasticsearchLab();
  const lines = Array.from({ length: 200 }, (_, n) => ecsLine(END - 1_000 * (n + 1), `line ${n}`));
  lab.write("logs-shop", lines);
});
afterEach(() => lab.close());

/** Reads through a server that changes what the lab answers to searches. */
async function readChanged(change: (found: Found) => void): Promise<LogReading> {
  const server = await startLabServer({
    handler: async ({ method, target, headers, body }) => {
      const type = headers["content-type"] ?? "application/json";
      const sent = body === "" ? {} : { body };
      const answer = await fetch(`${lab.url}${target}`, { method, headers: { "content-type": type }, ...sent });
      const found: unknown = await answer.json();
      if (target.includes("_search") && answer.ok) change(found as Found);
      const product = { "x-elastic-product": "Elasticsearch", "content-type": "application/json" };
      return { status: answer.status, headers: product, body: JSON.stringify(found) };
    },
  });
  try {
    return await withSource(server, {}, (source) => source.read(questionOf(), patience()));
  } finally {
    await server.close();
  }
}

const bucketsOf = ({ aggregations }: Found) => aggregations?.over_time?.buckets ?? [];
const HOURS_BEFORE = 7_200_000;

describe("an answer that is not whole", () => {
  test("lines that are counted and do not come are missing when a shard failed, which is told", async () => {
    const { window, notes } = await readChanged(({ hits, _shards }) => {
      if (hits.hits.length === 0) return;
      hits.hits = [];
      Object.assign(_shards, { total: 2, successful: 1, failed: 1 });
    });
    expect(window.lines).toEqual([]);
    expect(notes.join("\n")).toContain("1 of 2 shards failed, their lines are missing");
  });

  test("lines that are counted and do not come are no lack of lines when no shard failed", async () => {
    const read = readChanged(({ hits }) => {
      hits.hits = [];
    });
    await expect(read).rejects.toMatchObject({ reason: "unexpected_shape" });
  });
});

describe("counts over time", () => {
  test("may be more than the lines, which can have several times each", async () => {
    const whole = await readChanged(() => undefined);
    const { histogram } = await readChanged((found) => {
      const [first] = bucketsOf(found);
      if (first !== undefined) bucketsOf(found).unshift({ ...first, key: first.key - HOURS_BEFORE });
    });
    expect(histogram).toEqual(whole.histogram);
    expect(histogram.reduce((sum, { lines }) => sum + lines, 0)).toBe(200);
  });

  test("of another time are not those that were asked for, which is told", async () => {
    const { histogram, notes } = await readChanged((found) => {
      const [first] = bucketsOf(found);
      if (first !== undefined) first.key -= HOURS_BEFORE;
    });
    expect(histogram).toEqual([]);
    expect(notes.join("\n")).toContain("it counts lines of a time that was not asked for");
  });
});
