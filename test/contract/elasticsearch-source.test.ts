import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LogReading } from "../../src/core/telemetry.ts";
import type { ElasticsearchLab } from "../../src/lab/elasticsearch/contract.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import {
  ecsLine,
  END,
  filterOf,
  makeIndex,
  MAPPINGS,
  patience,
  questionOf,
  withSource,
} from "./elasticsearch-source-fixtures.ts";

const SECOND = 1_000;

let lab: ElasticsearchLab;
beforeAll(async () => {
  lab = await startElasticsearchLab();
  await makeIndex(lab, "logs-shop", MAPPINGS.ecs);
  lab.write("logs-shop", shopLines());
});
afterAll(() => lab.close());

/**
 * 70 minutes, a line each second; in the last 10 minutes every fifth line of version 2.0 fails, and levels are spelt
 * both ways.
 */
function* shopLines(): Generator<object> {
  for (let n = 0; n < 4_200; n += 1) {
    const at = END - (4_200 - n) * SECOND;
    const isNew = at >= END - 12 * 60 * SECOND && n % 3 === 0;
    const failed = isNew && at >= END - 10 * 60 * SECOND && n % 5 === 0;
    yield ecsLine(at, failed ? `payment ${n} failed` : `order ${n} sold`, {
      log: { level: failed ? (n % 2 === 0 ? "ERROR" : "error") : "Info" },
      service: { name: n % 10 === 9 ? "cart" : "shop", version: isNew ? "2.0" : "1.0" },
      trace: { id: n.toString(16).padStart(32, "0") },
      span: { id: n.toString(16).padStart(16, "0") },
      kubernetes: { namespace: n % 4 === 0 ? "prod" : "test", pod: { name: `shop-${n % 3}`, uid: `uid-${n}` } },
      host: { name: `node-${n % 2}` },
      http: { response: { status_code: failed ? 500 : 200 } },
      url: { path: `/orders/${n % 400}` },
    });
  }
}

const read = (given: Parameters<typeof questionOf>[0] = {}): Promise<LogReading> =>
  withSource(lab, {}, (source) => source.read(questionOf(given), patience()));

const fieldOf = ({ fields }: LogReading, name: string) => fields.find(({ field }) => field === name);

describe("reading lines of ECS", () => {
  test("gives all lines of both windows in the order of time, with what each of them says", async () => {
    const { window, baseline, notes } = await read({ lines: 5_000 });
    expect(window).toMatchObject({ total: 540, isExact: true });
    expect(baseline).toMatchObject({ total: 3_240, isExact: true });
    expect([window.lines.length, baseline.lines.length]).toEqual([540, 3_240]);
    expect(window.lines[0]).toEqual({
      at: END - 600 * SECOND,
      message: "payment 3600 failed",
      level: "error",
      service: "shop",
      pod: "shop-0",
      host: "node-0",
      traceId: "00000000000000000000000000000e10",
      spanId: "0000000000000e10",
    });
    expect(window.lines.map(({ at }) => at)).toEqual(window.lines.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(notes).toEqual([]);
  });

  test("gives a sample of the whole window when there are more, the same one for the same seed", async () => {
    const [one, same, other] = [
      await read({ lines: 300 }),
      await read({ lines: 300 }),
      await read({ lines: 300, seed: 8 }),
    ];
    expect(one.baseline).toMatchObject({ total: 3_240, isExact: true });
    expect(one.baseline.lines).toHaveLength(300);
    expect(same.baseline.lines).toEqual(one.baseline.lines);
    expect(other.baseline.lines).not.toEqual(one.baseline.lines);
    const tenths = new Set(
      one.baseline.lines.map(({ at }) => Math.floor((at - (END - 4_200 * SECOND)) / (360 * SECOND))),
    );
    expect(tenths.size).toBe(10);
  });

  test("counts lines and failures over the whole time", async () => {
    const { histogram } = await read();
    expect(histogram.reduce((sum, { lines }) => sum + lines, 0)).toBe(3_780);
    expect(histogram.filter(({ failed }) => failed > 0).every(({ at }) => at >= END - 600 * SECOND)).toBe(true);
    expect(histogram[0]?.at).toBe(END - 4_200 * SECOND);
    const steps = new Set(histogram.slice(1).map(({ at }, index) => at - (histogram[index]?.at ?? 0)));
    expect([...steps]).toHaveLength(1);
  });

  test("compares what failed with everything else, each value counted exactly, without ids", async () => {
    const reading = await read();
    expect(reading.comparison).toBe("failed");
    const version = fieldOf(reading, "service.version");
    expect(version).toMatchObject({ distinct: 2, selectionTotal: 40, backgroundTotal: 3_740 });
    expect(version?.values.find(({ value }) => value === "2.0")).toEqual({
      value: "2.0",
      selection: 40,
      background: 176,
    });
    expect(version?.values.find(({ value }) => value === "1.0")).toMatchObject({ selection: 0 });
    expect(fieldOf(reading, "http.response.status_code")?.values).toContainEqual({
      value: "500",
      selection: 40,
      background: 0,
    });
    expect(
      reading.fields.map(({ field }) => field).filter((field) => /uid|trace|span|message|level/.test(field)),
    ).toEqual([]);
  });

  test("of a field with many values those that differ most are counted exactly on both sides", async () => {
    const path = fieldOf(await read(), "url.path");
    expect(path?.distinct).toBe(360);
    expect(path?.values.length).toBeLessThanOrEqual(200);
    for (const { value, selection, background } of path?.values ?? []) {
      const number = Number(value.slice("/orders/".length));
      const lines = [...Array(4_200).keys()].filter((n) => n % 400 === number && n % 10 !== 9);
      expect(selection + background).toBe(lines.length);
    }
  });

  test("compares the windows where next to nothing failed", async () => {
    const to = END - 600 * SECOND;
    const window = { from: to - 600 * SECOND, to };
    const reading = await read({ window, baseline: { from: to - 3_600 * SECOND, to: window.from } });
    expect(reading.comparison).toBe("window");
    expect(fieldOf(reading, "service.version")).toMatchObject({ selectionTotal: 540, backgroundTotal: 2_700 });
  });

  test("keeps each request as it was sent, so that it can be made again by hand", async () => {
    const { queries, window } = await read();
    const query = queries.find(({ purpose }) => purpose === "lines of the window");
    const answer = await fetch(`${lab.url}${query?.path}`, {
      method: query?.method ?? "GET",
      headers: { "content-type": "application/json" },
      body: query?.body ?? null,
    });
    expect(await answer.json()).toMatchObject({ hits: { total: { value: window.total } } });
  });
});

describe("what is asked for", () => {
  const total = async (filter: Parameters<typeof filterOf>[0]): Promise<number> =>
    (await read({ filter: filterOf(filter) })).window.total;

  test("a line belongs when its service, pod or host is named", async () => {
    expect(await total({ services: ["cart"] })).toBe(60);
    expect(await total({ pods: ["shop-1"] })).toBe(200);
    expect(await total({ hosts: ["node-0"], services: ["cart"] })).toBe(360);
  });

  test("of the namespaces when they are named too, or alone", async () => {
    expect(await total({ services: ["shop"], namespaces: ["prod"] })).toBe(150);
    expect(await total({ namespaces: ["prod"] })).toBe(150);
    expect(await total({ namespaces: ["other"] })).toBe(0);
  });

  test("a line whose namespace is not known belongs to the service all the same", async () => {
    await makeIndex(lab, "spaceless", MAPPINGS.ecs);
    lab.write("spaceless", [
      ecsLine(END - SECOND, "one"),
      ecsLine(END - SECOND, "two", { kubernetes: { namespace: "x" } }),
    ]);
    const question = questionOf({ filter: filterOf({ services: ["shop"], namespaces: ["prod"] }) });
    const { window } = await withSource(lab, { indices: ["spaceless"] }, (source) => source.read(question, patience()));
    expect(window.lines.map(({ message }) => message)).toEqual(["one"]);
  });

  test("a filter that names nothing finds nothing, never everything", async () => {
    const { window, notes } = await read({ filter: filterOf({}) });
    expect(window).toEqual({ total: 0, isExact: true, lines: [] });
    expect(notes).toEqual(["nothing was asked: no service, pod, host or namespace is named"]);
  });
});

describe("the lines of a trace", () => {
  test.each(["00000000000000000000000000000e10", "e10", "E10", "0000000000000e10"])("are found by %s", async (id) => {
    const { lines, notes } = await withSource(lab, {}, (source) => source.ofTrace(id, patience()));
    expect(lines.map(({ message }) => message)).toEqual(["payment 3600 failed"]);
    expect(notes).toEqual([]);
  });

  test("are at most 500, which is told", async () => {
    await makeIndex(lab, "long-trace", MAPPINGS.ecs);
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    lab.write(
      "long-trace",
      Array.from({ length: 600 }, (_, n) => ecsLine(END + n, `step ${n}`, { trace: { id: id.toUpperCase() } })),
    );
    const found = await withSource(lab, { indices: ["long-trace"] }, (source) => source.ofTrace(id, patience()));
    expect(found.lines).toHaveLength(500);
    expect(found.lines[0]).toMatchObject({ message: "step 0", traceId: id });
    expect(found.notes).toEqual(["only the first 500 of 600 lines of the trace were read"]);
  });

  test("an id that is none is not looked for", async () => {
    const { lines, notes } = await withSource(lab, {}, (source) => source.ofTrace("../_all", patience()));
    expect([lines, notes]).toEqual([[], ["this is no id of a trace: 1 to 32 hexadecimal digits"]]);
  });
});
