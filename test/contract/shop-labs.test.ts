import { request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { startShop, type StartedShop } from "../helpers/start-shop.ts";

let started: StartedShop | undefined;
afterEach(async () => {
  await started?.close();
  started = undefined;
});

const begin = async (form: "ecs" | "otel"): Promise<StartedShop> =>
  (started = await startShop({ seed: 1, fault: "disk_full", rate: 0.5, form }));

const ask = async (url: string, body?: object): Promise<unknown> => {
  const { statusCode, body: answer } = await request(url, {
    ...(body !== undefined && { method: "POST", headers: { "content-type": "application/json" } }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect([statusCode, text]).toEqual([200, expect.any(String)]);
  return JSON.parse(text);
};

const count = z.object({ count: z.number() });

describe("a shop in the stand-ins", () => {
  it.each([
    ["ecs", { "service.name": "frontend" }, { "log.level": ["error"] }],
    ["otel", { "resource.attributes.service.name": "frontend" }, { severity_number: [17] }],
  ] as const)("has its lines in Elasticsearch (%s)", async (form, service, failed) => {
    const { shop, elasticsearch } = await begin(form);
    const of = async (query: object): Promise<number> =>
      count.parse(await ask(`${elasticsearch.url}/logs-shop/_count`, { query })).count;
    expect(await of({ match_all: {} })).toBe(shop.lines.length);
    expect(await of({ term: service })).toBe(shop.lines.filter((line) => line.service === "frontend").length);
    expect(await of({ terms: failed })).toBe(shop.lines.filter(({ level }) => level === "error").length);
  });

  it("has its spans in Tempo", async () => {
    const { shop, tempo } = await begin("ecs");
    const failed = shop.spans.find(({ status }) => status === "error");
    const of = shop.spans.filter(({ traceId }) => traceId === failed?.traceId);
    const trace = await ask(`${tempo.url}/api/v2/traces/${failed?.traceId ?? ""}`);
    const resources = z
      .object({
        trace: z.object({
          resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.unknown()) })) })),
        }),
      })
      .parse(trace).trace.resourceSpans;
    expect(resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))).toHaveLength(of.length);
  });

  it("has its metrics in Prometheus, yesterday's too", async () => {
    const { shop, prometheus } = await begin("ecs");
    const node = shop.place?.node ?? "";
    const free = async (at: number): Promise<string | undefined> => {
      const query = new URLSearchParams({
        query: `node_filesystem_avail_bytes{node="${node}"}`,
        time: String(at / 1000),
      });
      const vector = z.object({
        data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
      });
      return vector.parse(await ask(`${prometheus.url}/api/v1/query?${query.toString()}`)).data.result[0]?.value[1];
    };
    expect(await free(shop.alert.startsAt)).toBe("0");
    expect(Number(await free(shop.alert.startsAt - 86_400_000))).toBeGreaterThan(1e9);
  });
});
