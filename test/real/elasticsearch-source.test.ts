import { afterAll, beforeAll, expect, test } from "vitest";
import type { ElasticsearchConfig } from "../../src/core/evidence-config.ts";
import type { LogQuestion, LogReading } from "../../src/core/telemetry.ts";
import {
  ecsLine,
  END,
  makeIndex,
  MAPPINGS,
  patience,
  questionOf,
  withSource,
} from "../contract/elasticsearch-source-fixtures.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { ELASTICSEARCH_PROGRAMS, startElasticsearch, type ElasticsearchServer } from "../helpers/elasticsearch.ts";

const keyword = { type: "keyword" };

// what only a real one can show; the usual requests are in elasticsearch.test.ts
describeReal("our source at a real Elasticsearch", ELASTICSEARCH_PROGRAMS, () => {
  let server: ElasticsearchServer;
  const prefix = `wk-${Date.now()}`;
  beforeAll(async () => {
    server = await startElasticsearch();
  });
  afterAll(() => server.stop());

  const write = async (index: string, documents: readonly object[]): Promise<void> => {
    const body = documents.map((one) => `{"create":{}}\n${JSON.stringify(one)}\n`).join("");
    const headers = { "content-type": "application/x-ndjson" };
    const answer = await fetch(`${server.url}/${index}/_bulk?refresh=true`, { method: "POST", headers, body });
    expect(await answer.text()).toContain('"errors":false');
  };
  const read = (given: Partial<ElasticsearchConfig>, question: Partial<LogQuestion> = {}): Promise<LogReading> =>
    withSource(server, given, (source) => source.read(questionOf(question), patience()));

  test("types that differ between indices are told, and both kinds of lines are found", async () => {
    const name = `${prefix}-mixed`;
    await makeIndex(server, `${name}-a`, { ...MAPPINGS.ecs, service: keyword });
    await makeIndex(server, `${name}-b`, {
      ...MAPPINGS.ecs,
      service: { type: "text" },
      log: { properties: { level: { type: "long" } } },
    });
    const lineOf = (level: unknown): object => ecsLine(END - 1_000, "x", { service: "shop", log: { level } });
    await write(
      `${name}-a`,
      Array.from({ length: 3 }, () => lineOf("ERROR")),
    );
    await write(
      `${name}-b`,
      Array.from({ length: 4 }, () => lineOf(50)),
    );
    const { window, histogram, notes } = await read({ indices: [`${name}-*`] });
    expect(window.total).toBe(7);
    expect(window.lines.every(({ level }) => level === "error")).toBe(true);
    expect(histogram.at(-1)).toMatchObject({ lines: 7, failed: 7 });
    expect(notes).toHaveLength(2);
    expect(notes.join("\n")).toMatch(/`log.level` is of different types, so that lines may be missed: .* indices/);
  });

  test("an index whose time is no date is missed and told, the others are read", async () => {
    const name = `${prefix}-time`;
    await makeIndex(server, `${name}-a`, MAPPINGS.ecs);
    await makeIndex(server, `${name}-b`, { ...MAPPINGS.ecs, "@timestamp": { type: "long" } });
    await write(`${name}-a`, [ecsLine(END - 1_000, "a")]);
    await write(`${name}-b`, [ecsLine(0, "b", { "@timestamp": END - 1_000 })]);
    const { window, notes } = await read({ indices: [`${name}-*`] });
    expect(window.lines.map(({ message }) => message)).toEqual(["a"]);
    expect(window.isExact).toBe(false);
    expect(notes.join("\n")).toMatch(/lines of the window: 1 of 2 shards failed, their lines are missing/);
    expect(notes.join("\n")).toContain("`@timestamp` is of different types");
  });

  test("more lines than are given at once are all read, at one point in time", async () => {
    const name = `${prefix}-many`;
    await makeIndex(server, name, MAPPINGS.ecs, { number_of_shards: 2 });
    const lines = Array.from({ length: 12_000 }, (_, n) => ecsLine(END - 600_000 + n * 50, `line ${n}`));
    for (let from = 0; from < lines.length; from += 4_000) await write(name, lines.slice(from, from + 4_000));
    const { window, queries } = await read({ indices: [name] }, { lines: 20_000 });
    expect(window).toMatchObject({ total: 12_000, isExact: true });
    expect(new Set(window.lines.map(({ message }) => message)).size).toBe(12_000);
    expect(window.lines[0]).toMatchObject({ message: "line 0", at: END - 600_000 });
    expect(queries.map(({ purpose }) => purpose)).toContain("lines of the window: point in time");
    const { lines: sample } = (await read({ indices: [name] }, { lines: 11_000 })).window;
    expect(new Set(sample.map(({ message }) => message)).size).toBe(11_000);
    expect(await openContexts()).toBe(0);
  });

  test("an index that gives few lines at a time is read in small pages", async () => {
    const name = `${prefix}-small`;
    await makeIndex(server, name, MAPPINGS.ecs, { max_result_window: 300 });
    await write(
      name,
      Array.from({ length: 900 }, (_, n) => ecsLine(END - 600_000 + n * 500, `line ${n}`)),
    );
    const { window, notes } = await read({ indices: [name] });
    expect(new Set(window.lines.map(({ message }) => message)).size).toBe(900);
    expect([window.isExact, notes]).toEqual([true, []]);
  });

  test("lines of a megabyte are cut to 8 KiB, and no more of them are read than memory takes", async () => {
    const name = `${prefix}-long`;
    await makeIndex(server, name, { ...MAPPINGS.ecs, message: { type: "text", index: false } });
    const filler = "\u0000<b>\u202eé".repeat(130_000);
    for (let n = 0; n < 90; n += 3)
      await write(
        name,
        [n, n + 1, n + 2].map((one) => ecsLine(END - 1_000 * (one + 1), `dump ${one} ${filler}`)),
      );
    const { window, notes } = await read({ indices: [name] });
    expect(window.total).toBe(90);
    expect(window.lines.length).toBeGreaterThan(20);
    expect(window.lines.length).toBeLessThan(90);
    expect(Math.max(...window.lines.map(({ message }) => Buffer.byteLength(message)))).toBeLessThanOrEqual(8_192);
    expect(notes.join()).toMatch(/lines of the window: the lines are so long that only \d+ of them were read/);
    expect(await openContexts()).toBe(0);
  });

  /** Points in time that somebody left open. */
  async function openContexts(): Promise<number> {
    const answer = await fetch(`${server.url}/_nodes/stats/indices/search`);
    const { nodes } = (await answer.json()) as {
      nodes: Record<string, { indices: { search: { open_contexts: number } } }>;
    };
    return Object.values(nodes).reduce((sum, { indices }) => sum + indices.search.open_contexts, 0);
  }
});
