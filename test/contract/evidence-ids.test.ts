import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EvidenceDesk } from "../../src/app/evidence/desk.ts";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import { startShop, type StartedShop } from "../helpers/start-shop.ts";
import { search } from "./elasticsearch-fixtures.ts";
import { patience } from "./elasticsearch-source-fixtures.ts";

let shop: StartedShop;
let desk: EvidenceDesk;
const faultAt = Date.now() - 20 * 60_000;

const open = (change: object = {}): Promise<EvidenceDesk> =>
  EvidenceDesk.open({
    evidence: evidenceSchema.parse({
      elasticsearch: { nodes: [shop.elasticsearch.url], indices: ["logs-*"] },
      traces: { kind: "tempo", url: shop.tempo.url },
      ...change,
    }),
    prometheus: { url: shop.prometheus.url },
    externalUrl: "http://watchkeeper.example.org",
    relations: [],
    inhibitions: [],
    store: undefined,
  });

/** The id and index of a document of the logs. */
async function idOf(query: object): Promise<{ readonly id: string; readonly index: string }> {
  const { hits } = await search(shop.elasticsearch.url, "/logs-*", { query, size: 1 });
  const [hit] = hits.hits;
  if (hit === undefined) throw new Error("no such document");
  return { id: hit._id, index: hit._index };
}

const tracedLine = () => {
  const traced = new Set(shop.shop.spans.map(({ traceId }) => traceId));
  const line = shop.shop.lines.find(
    ({ at, level, traceId }) => at > faultAt && level === "error" && traced.has(traceId ?? ""),
  );
  if (line?.traceId === undefined) throw new Error("no error line has a trace");
  return { ...line, traceId: line.traceId };
};

beforeAll(async () => {
  shop = await startShop({ seed: 3, fault: "error_burst", faultAt });
  desk = await open();
});
afterAll(async () => {
  await desk?.close();
  await shop?.close();
});

describe("the id of a trace", () => {
  it("gives its spans, its lines, and the metrics of its services at its time", async () => {
    const { traceId, message } = tracedLine();
    const { trace, logs, metrics, place } = await desk.trace(traceId, patience());
    expect(trace).toMatchObject({ state: "read", reading: { traceId } });
    expect(logs.state === "read" && logs.reading.lines.map((line) => line.message)).toContain(message);
    const spans = trace.state === "read" ? (trace.reading?.spans ?? []) : [];
    expect(place?.services.toSorted()).toEqual(
      [...new Set(spans.map(({ service }) => service))].toSorted().slice(0, 5),
    );
    expect(place?.window.from).toBeLessThan(Math.min(...spans.map(({ startsAt }) => startsAt)));
    expect(metrics?.signal).toBe("metrics");
    expect(metrics?.items.map(({ title }) => title).join("\n")).toMatch(/code 50[0-9]/);
    const labels = metrics?.items.flatMap(({ detail }) => (detail.kind === "metric" ? [detail.labels] : [])) ?? [];
    expect(labels.length).toBeGreaterThan(1);
    for (const one of labels) expect(place?.services).toContain(one["service"] ?? one["service_name"]);
    expect(metrics?.items[0]?.link).toContain(`${shop.prometheus.url}/`);
  });

  it("that nobody has gives no place and no metrics", async () => {
    const view = await desk.trace("1".padStart(32, "0"), patience());
    expect(view).toMatchObject({ trace: { state: "read" }, logs: { state: "read", reading: { lines: [] } } });
    expect([view.place, view.metrics]).toEqual([undefined, undefined]);
  });
});

describe("the id of a log line", () => {
  it("gives the line, and its trace with spans, lines and metrics", async () => {
    const { traceId, message, service } = tracedLine();
    const { id, index } = await idOf({
      bool: {
        filter: [
          { term: { "trace.id": traceId } },
          { term: { "log.level": "error" } },
          { term: { "service.name": service } },
        ],
      },
    });
    for (const one of [{ id }, { id, index }]) {
      const view = await desk.log(one, patience());
      expect(view.id).toEqual(one);
      expect(view.line).toMatchObject({ state: "read", reading: { line: { message, traceId } } });
      expect(view.trace).toMatchObject({
        traceId,
        trace: { state: "read", reading: { traceId } },
        metrics: { signal: "metrics" },
      });
      expect(view.around).toBeUndefined();
    }
  });

  it("of a line without a trace gives what its service logged around it, and its metrics", async () => {
    const { id } = await idOf({ bool: { must_not: [{ exists: { field: "trace.id" } }] } });
    const { line, trace, around } = await desk.log({ id }, patience());
    const found = line.state === "read" ? line.reading.line : undefined;
    expect(found?.service).toBeDefined();
    expect(trace).toBeUndefined();
    const lines = around?.logs.state === "read" ? around.logs.reading.lines : [];
    expect(lines.length).toBeGreaterThan(1);
    expect(lines).toContainEqual(found);
    expect(new Set(lines.map(({ service }) => service))).toEqual(new Set([found?.service]));
    expect(around).toMatchObject({ place: { services: [found?.service] }, metrics: { signal: "metrics" } });
  });

  it("that nobody has is told as that, and so is a source that is down or not there", async () => {
    expect(await desk.log({ id: "none" }, patience())).toMatchObject({ line: { state: "read", reading: {} } });
    const other = await open({ elasticsearch: { nodes: ["http://127.0.0.1:1"], indices: ["logs-*"] } });
    expect(await other.log({ id: "none" }, patience())).toMatchObject({ line: { state: "down" } });
    await other.close();
    const none = await open({ elasticsearch: undefined });
    expect(await none.log({ id: "none" }, patience())).toMatchObject({ line: { state: "not_configured" } });
    await none.close();
  });

  it("is shown without secrets", async () => {
    const at = Date.now() - 60_000;
    const body = {
      "@timestamp": new Date(at).toISOString(),
      message: "login with password=planted-Xy7w0rd",
      service: { name: "vault-login" },
    };
    await fetch(`${shop.elasticsearch.url}/logs-shop/_bulk?refresh=true`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: `{"create":{"_id":"mine"}}\n${JSON.stringify(body)}\n`,
    });
    const view = await desk.log({ id: "mine" }, patience());
    expect(view).toMatchObject({ around: { logs: { reading: { lines: [{ service: "vault-login" }] } } } });
    expect(JSON.stringify(view)).not.toContain("planted");
  });
});
