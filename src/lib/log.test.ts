import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { CollectError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { createLogger, type LogOptions } from "./log.ts";
import { inTrace, TRACE } from "./log/__fixtures__/in-trace.ts";
import { version } from "./package.ts";

type Line = Readonly<Record<string, unknown>>;

/** The lines that are written when a logger is used. */
async function linesOf(
  use: (log: Awaited<ReturnType<typeof createLogger>>) => void,
  options: Partial<LogOptions> = {},
): Promise<readonly Line[]> {
  const stream = new PassThrough();
  const log = await createLogger({ level: "trace", format: "ecs", ...options }, stream);
  use(log);
  const text = String(stream.read() ?? "");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const parsed = JSON.parse(line) as Line;
      // a name that stands there twice is no document for Elasticsearch
      for (const key of Object.keys(parsed)) expect(line.split(`"${key}":`)).toHaveLength(2);
      return parsed;
    });
}

describe("a line in ECS", () => {
  it("has what ECS wants of every line, and what is told as labels", async () => {
    const [line] = await linesOf((log) =>
      log.warn({ target: "pve", rows: 3, isLast: true, changed: ["a", 1] }, "said"),
    );
    expect(line).toEqual({
      "@timestamp": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      "log.level": "warn",
      message: "said",
      "ecs.version": "8.11.0",
      "event.dataset": "watchkeeper.log",
      "service.name": "watchkeeper",
      "service.version": version,
      "process.pid": process.pid,
      "host.hostname": expect.any(String),
      "labels.target": "pve",
      "numeric_labels.rows": 3,
      "labels.isLast": "true",
      "labels.changed": ["a", "1"],
    });
  });

  it("has an error with its cause, its stack and its code", async () => {
    const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const [collect, system, plain] = await linesOf((log) => {
      log.error({ err: new CollectError("timeout", "too late", { cause }) }, "a poll failed");
      log.error(cause);
      log.error({ err: "no error at all" }, "said");
    });
    expect(collect).toMatchObject({
      message: "a poll failed",
      "error.type": "CollectError",
      "error.message": "too late: refused",
      "error.stack_trace": expect.stringContaining("caused by: Error: refused"),
    });
    expect(system).toMatchObject({ message: "refused", "error.code": "ECONNREFUSED", "error.type": "Error" });
    expect(plain).toMatchObject({ "labels.err": "no error at all" });
  });

  it("has the request's id, the duration in nanoseconds and the name of the service", async () => {
    const [line] = await linesOf((log) => log.child({ reqId: "req-1" }).debug({ duration_ms: 1.5 }, "polled"), {
      serviceName: "watch",
    });
    expect(line).toMatchObject({ "http.request.id": "req-1", "event.duration": 1_500_000, "service.name": "watch" });
  });

  it("has text of whatever else is told, and no secret", async () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const [line] = await linesOf((log) =>
      log.info({
        one: { b: new Secret("planted") },
        stream: new PassThrough(),
        loop,
        "a.b": "c",
        no: undefined,
        nil: null,
      }),
    );
    expect(line).toMatchObject({
      "labels.one": '{"b":"<redacted>"}',
      "labels.stream": "PassThrough",
      "labels.loop": "[circular]",
      "labels.a_b": "c",
    });
    expect(line).not.toHaveProperty("labels.no");
    expect(line).not.toHaveProperty("labels.nil");
  });
});

it("names the trace and the span that are under way, where there are any", async () => {
  const say = (log: Awaited<ReturnType<typeof createLogger>>): void => {
    inTrace(() => log.info({ a: "b" }, "within"));
    log.info("without");
  };
  const [ecs, ecsWithout] = await linesOf(say);
  expect(ecs).toMatchObject({ "trace.id": TRACE.traceId, "span.id": TRACE.spanId, "labels.a": "b" });
  expect(ecsWithout).not.toHaveProperty("trace.id");
  const [json, jsonWithout] = await linesOf(say, { format: "json" });
  expect(json).toMatchObject({ level: "info", trace_id: TRACE.traceId, span_id: TRACE.spanId, a: "b", msg: "within" });
  expect(jsonWithout).not.toHaveProperty("trace_id");
});
