import { describe, expect, test } from "vitest";
import type { ElasticsearchConfig } from "../../src/core/evidence-config.ts";
import type { LogId, LogReading, LogSource } from "../../src/core/telemetry.ts";
import { openElasticsearch } from "../../src/correlation/elasticsearch/source.ts";
import { ask, lines, search, START, type Line, type MappingName, type Place } from "./elasticsearch-fixtures.ts";

const at = (second: number): number => START + second * 1000;
const FILTER = { services: ["checkout"], namespaces: [], pods: [], hosts: [] };
const QUESTION = {
  filter: FILTER,
  window: { from: at(400), to: at(600) },
  baseline: { from: at(0), to: at(400) },
  lines: 1000,
  seed: 1,
};
const FIELDS: Readonly<Record<MappingName, ElasticsearchConfig["fields"]>> = {
  ecs: {},
  otel: {},
  custom: { timestamp: "ts", message: "text", level: "sev", service: "app" },
};
const SERVICE: Readonly<Record<MappingName, string>> = { ecs: "service.name", otel: "service.name", custom: "app" };
const POD: Readonly<Record<"ecs" | "otel", readonly string[]>> = {
  ecs: ["kubernetes.pod.name"],
  otel: ["k8s.pod.name", "resource.attributes.k8s.pod.name"],
};

const isIn = ({ from, to }: { readonly from: number; readonly to: number }, line: Line): boolean =>
  line.service === "checkout" && line.at >= from && line.at < to;
const isFailed = ({ level }: Line): boolean => level !== "Info";

/** Our source reads the same of both. */
export function describeSource(place: () => Place): void {
  const withSource = async <T>(mapping: MappingName | "ids", use: (source: LogSource) => Promise<T>): Promise<T> => {
    const { url, prefix } = place();
    const source = await openElasticsearch({
      nodes: [url],
      indices: [`${prefix}-${mapping}*`],
      fields: mapping === "ids" ? {} : FIELDS[mapping],
      apiKey: undefined,
      login: undefined,
      caFile: undefined,
      fingerprint: undefined,
      serverName: undefined,
      kibanaUrl: undefined,
    });
    try {
      return await use(source);
    } finally {
      await source.close();
    }
  };
  const read = (mapping: MappingName, change: Partial<typeof QUESTION> = {}): Promise<LogReading> =>
    withSource(mapping, (source) => source.read({ ...QUESTION, ...change }, AbortSignal.timeout(30_000)));

  describe("our source", () => {
    test.for(["ecs", "otel", "custom"] as const)(
      "reads the lines of window and baseline in the mapping %s",
      async (mapping) => {
        const reading = await read(mapping);
        for (const side of ["window", "baseline"] as const) {
          const wanted = lines.filter((line) => isIn(QUESTION[side], line));
          expect(reading[side]).toMatchObject({ total: wanted.length, isExact: true });
          expect(reading.names?.service).toContain(SERVICE[mapping]);
          expect(
            reading[side].lines.map(({ at: time, message, level, service }) => [
              Math.floor(time),
              message,
              level,
              service,
            ]),
          ).toEqual(wanted.map((line) => [line.at, line.message, isFailed(line) ? "error" : "info", "checkout"]));
        }
        const counted = reading.histogram.reduce(
          (sum, bucket) => [(sum[0] ?? 0) + bucket.lines, (sum[1] ?? 0) + bucket.failed],
          [0, 0],
        );
        const all = lines.filter(({ service }) => service === "checkout");
        expect(counted).toEqual([all.length, all.filter(isFailed).length]);
      },
    );

    test.for(["ecs", "otel"] as const)(
      "compares what failed with all else, exactly, in the mapping %s",
      async (mapping) => {
        const { comparison, fields } = await read(mapping);
        const failed = lines.filter((line) => isIn(QUESTION.window, line) && isFailed(line)).length;
        const all = lines.filter(({ service }) => service === "checkout").length;
        expect(comparison).toBe("failed");
        const pods = fields.find(({ field }) => POD[mapping].includes(field));
        expect(pods).toMatchObject({ selectionTotal: failed, backgroundTotal: all - failed });
        const before = lines.filter((line) => isIn(QUESTION.baseline, line) && isFailed(line)).length;
        expect(pods?.values).toContainEqual({ value: "checkout-2", selection: failed, background: before });
      },
    );

    test("reads a fair sample of many lines, the same one each time", async () => {
      const take = async (seed: number): Promise<readonly number[]> =>
        (
          await read("ecs", {
            lines: 30,
            seed,
            window: { from: at(0), to: at(600) },
            baseline: { from: at(-10), to: at(0) },
          })
        ).window.lines.map((line) => line.at);
      const [one, again, other] = [await take(1), await take(1), await take(2)];
      expect(one).toHaveLength(30);
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
      expect(one.toSorted((left, right) => left - right)).toEqual(one);
      expect(one.filter((time) => time < at(300)).length).toBeGreaterThan(5);
      expect(one.filter((time) => time >= at(300)).length).toBeGreaterThan(5);
    });

    test.for(["ecs", "otel"] as const)("finds the lines of a trace in the mapping %s", async (mapping) => {
      const [line] = lines.slice(450);
      const { lines: found } = await withSource(mapping, (source) =>
        source.ofTrace(line?.traceId ?? "", AbortSignal.timeout(30_000)),
      );
      expect(found).toMatchObject([
        { message: line?.message, traceId: line?.traceId, service: line?.service, pod: line?.pod },
      ]);
    });

    test.for(["ecs", "otel", "custom"] as const)(
      "finds a line by its id, with or without its index, and those around it, in the mapping %s",
      async (mapping) => {
        const wanted = lines.filter(({ service }) => service === "checkout")[120];
        const { url, prefix } = place();
        const time = mapping === "custom" ? "ts" : "@timestamp";
        const same = { range: { [time]: { gte: wanted?.at, lt: (wanted?.at ?? 0) + 1, format: "epoch_millis" } } };
        const mine = { match: { [SERVICE[mapping]]: "checkout" } };
        const { hits } = await search(url, `/${prefix}-${mapping}*`, { query: { bool: { filter: [same, mine] } } });
        const { _id: id = "", _index: index = "" } = hits.hits[0] ?? {};
        const told = { at: wanted?.at, message: wanted?.message, service: "checkout" };
        await withSource(mapping, async (source) => {
          const patience = AbortSignal.timeout(30_000);
          for (const one of [{ id }, { id, index }]) {
            const { line } = await source.line(one, patience);
            expect(line).toMatchObject(told);
            expect(line?.traceId).toBe(mapping === "custom" ? undefined : wanted?.traceId);
          }
          for (const other of [{ id: "no-such-id" }, { id, index: `${index}-other` }])
            expect((await source.line(other, patience)).line).toBeUndefined();
          const { line } = await source.line({ id }, patience);
          const around = line && (await source.around(line, patience));
          const at = around?.lines.findIndex((each) => each.at === wanted?.at) ?? -1;
          expect(around?.lines[at]).toMatchObject(told);
          expect(around?.lines.every(({ service }) => service === "checkout")).toBe(true);
          const near = lines.filter(({ service }) => service === "checkout").slice(70, 170);
          expect(around?.lines.map((each) => each.at)).toEqual(near.map((each) => each.at));
        });
      },
    );

    test("finds the newest of many documents of one id, and ids that have a slash", async () => {
      const { url, prefix } = place();
      const name = `${prefix}-ids`;
      const documents: (readonly [index: string, id: string, body: object])[] = Array.from({ length: 14 }, (_, day) => [
        `${name}-${day}`,
        "same",
        { "@timestamp": new Date(at(day * 86_400)).toISOString(), message: `day ${day}` },
      ]);
      documents.push(
        [`${name}-0`, "tenant1/4711", { "@timestamp": new Date(at(0)).toISOString(), message: "slash" }],
        [`${name}-timeless`, "same", { message: "timeless" }],
      );
      const bulk = documents.map(
        ([_index, _id, body]) => `${JSON.stringify({ index: { _index, _id } })}\n${JSON.stringify(body)}\n`,
      );
      const { body } = await ask(url, "POST", "/_bulk?refresh=true", bulk.join(""));
      expect(body).toMatchObject({ errors: false });
      await withSource("ids", async (source) => {
        const lineOf = async (id: LogId) => {
          const { line, notes } = await source.line(id, AbortSignal.timeout(30_000));
          return [line?.message, notes.filter((note) => note.includes("documents"))];
        };
        expect(await lineOf({ id: "same" })).toEqual([
          "day 13",
          ["15 documents have this id: the newest is shown (write index/id for another)"],
        ]);
        expect(await lineOf({ index: `${name}-3`, id: "same" })).toEqual(["day 3", []]);
        expect(await lineOf({ index: "tenant1", id: "4711" })).toEqual(["slash", []]);
        expect(await lineOf({ index: `${prefix}-ecs`, id: "same" })).toEqual([undefined, []]);
      });
      await ask(url, "DELETE", `/${[...new Set(documents.map(([index]) => index))].join(",")}`);
    });

    test("finds itself able to read, and says what fields are lacking", async () => {
      const findings = await withSource("custom", (source) => source.check(AbortSignal.timeout(30_000)));
      expect(findings[0]).toMatchObject({ ok: true, message: expect.stringMatching(/Elasticsearch [89]\./) as string });
      const said = findings.map(({ message }) => message).join("\n");
      expect(said).toContain("trace");
    });
  });
}
