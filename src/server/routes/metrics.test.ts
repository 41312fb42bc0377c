import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { Gauge, Registry } from "prom-client";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { minutes } from "../../core/duration.ts";
import { gauge, Recorder } from "../../core/metric.ts";
import { createExposition, type Exposition } from "../../exporters/prometheus/exposition.ts";
import { registerMetricsRoute } from "./metrics.ts";

const size = gauge("disk_size_bytes", { help: "Size", unit: "bytes", labels: ["disk"] });
const DISKS = 5_000;

let app: FastifyInstance;
let url: string;
let exposition: Exposition;
let answered: number[];

beforeEach(async () => {
  const selfMetrics = new Registry();
  new Gauge({ name: "own", help: "x", registers: [selfMetrics] }).set(1);
  exposition = createExposition({ selfMetrics });
  for (const target of ["alpha", "beta"]) {
    const recorder = new Recorder();
    for (let i = 0; i < DISKS; i++) recorder.record(size, { disk: `disk-${i}` }, i);
    await exposition.publish({ collector: "proxmox", target, part: "disks" }, recorder.snapshot(0), minutes(1));
  }
  app = Fastify();
  answered = [];
  app.addHook("onRequest", async (_request, reply) => void reply.header("x-frame-options", "DENY"));
  app.addHook("onResponse", async (_request, reply) => void answered.push(reply.statusCode));
  registerMetricsRoute(app, exposition);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(() => app.close());

async function get(path: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") {
  const answer = await request(`${url}${path}`, { headers, method });
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) };
}

const countSamples = (body: Buffer): number => body.toString().match(/^disk_size_bytes\{/gm)?.length ?? 0;

describe("GET /metrics", () => {
  it("answers in the text format with its length", async () => {
    const { status, headers, body } = await get("/metrics");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(headers["content-length"]).toBe(String(body.length));
    expect(headers["content-encoding"]).toBeUndefined();
    expect(headers["vary"]).toBe("Accept, Accept-Encoding");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(countSamples(body)).toBe(2 * DISKS);
    await expect.poll(() => answered).toEqual([200]);
  });

  it("answers in OpenMetrics when asked", async () => {
    const { headers, body } = await get("/metrics", { accept: "application/openmetrics-text;version=1.0.0" });
    expect(headers["content-type"]).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    expect(body.toString().endsWith("# EOF\n")).toBe(true);
  });

  it("compresses when the reader takes gzip", async () => {
    const plain = await get("/metrics", { "accept-encoding": "identity" });
    const { headers, body } = await get("/metrics", { "accept-encoding": "gzip" });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(headers["content-length"]).toBe(String(body.length));
    expect(gunzipSync(body).equals(plain.body)).toBe(true);
    const refused = await get("/metrics", { "accept-encoding": "gzip;q=0, identity" });
    expect(refused.headers["content-encoding"]).toBeUndefined();
  });

  it.each([{}, { "accept-encoding": "gzip" }])("gives HEAD the same headers and no body, with %j", async (wanted) => {
    const expected = (await get("/metrics", wanted)).headers;
    const { status, headers, body } = await get("/metrics", wanted, "HEAD");
    expect(status).toBe(200);
    for (const name of ["content-type", "content-length", "content-encoding", "vary", "x-frame-options"])
      expect(headers[name]).toBe(expected[name]);
    expect(body).toHaveLength(0);
    expect(countSamples((await get("/metrics")).body)).toBe(2 * DISKS);
  });

  it.each([
    ["?target=alpha", DISKS],
    ["?target=alpha&target=beta", 2 * DISKS],
    ["?collect[]=proxmox", 2 * DISKS],
    ["?collect%5B%5D=proxmox/disks&target=beta&unrelated=1", DISKS],
  ])("filters by %s", async (query, expected) => {
    const { status, body } = await get(`/metrics${query}`);
    expect(status).toBe(200);
    expect(countSamples(body)).toBe(expected);
  });

  it.each([
    ["", true],
    ["?collect[]=watchkeeper", true],
    ["?collect[]=proxmox&collect[]=watchkeeper", true],
    ["?collect[]=proxmox", false],
    ["?target=alpha", false],
  ])("gives the own metrics to %j: %j", async (query, expected) => {
    const { status, body } = await get(`/metrics${query}`);
    expect(status).toBe(200);
    expect(body.toString().includes("\nown 1\n")).toBe(expected);
  });

  it.each([
    ["?target=alhpa", 'The configuration has no target named "alhpa": the closest that it has is "alpha"\n'],
    ["?target=alpha&target=", 'The configuration has no target named "": the closest that it has is "beta"\n'],
    [
      "?collect[]=proxmox/disk",
      'The configuration has no collector or part named "proxmox/disk": the closest that it has is "proxmox/disks"\n',
    ],
    [
      "?collect[]=watchkeper",
      'The configuration has no collector or part named "watchkeper": the closest that it has is "watchkeeper"\n',
    ],
  ])("answers 400 to %s", async (query, message) => {
    const { status, headers, body } = await get(`/metrics${query}`);
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.toString()).toBe(message);
  });

  it("says so when there is no target at all", async () => {
    exposition.remove(() => true);
    const { status, body } = await get("/metrics?target=alpha");
    expect(status).toBe(400);
    expect(body.toString()).toBe('The configuration has no target named "alpha": it has none at all\n');
  });

  it("can be injected", async () => {
    const answer = await app.inject("/metrics?target=beta");
    expect(answer.statusCode).toBe(200);
    expect(countSamples(answer.rawPayload)).toBe(DISKS);
  });
});

describe("a reader that went away while its page was made", () => {
  it("does no harm", async () => {
    const registry = new Registry();
    const { promise: asked, resolve: tellAsked } = Promise.withResolvers<void>();
    const { promise: gone, resolve: tellGone } = Promise.withResolvers<void>();
    const collect = async () => {
      tellAsked();
      await gone;
    };
    registry.registerMetric(new Gauge({ name: "slow", help: "x", registers: [], collect }));
    const other = Fastify();
    other.addHook("onRequest", async (request) => void request.raw.socket.once("close", tellGone));
    registerMetricsRoute(other, createExposition({ selfMetrics: registry }));
    const { port } = new URL(await other.listen({ host: "127.0.0.1", port: 0 }));
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"));
    await asked;
    socket.destroy();
    await gone;
    const answer = await request(`http://127.0.0.1:${port}/metrics`);
    expect(await answer.body.text()).toContain("slow 0");
    await other.close();
  });
});
