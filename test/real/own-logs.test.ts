import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/core/delivery-store.ts";
import { CollectError } from "../../src/core/errors.ts";
import { createLogger } from "../../src/lib/log.ts";
import { inTrace, TRACE } from "../../src/lib/log/__fixtures__/in-trace.ts";
import { patience, questionOf, withSource } from "../contract/elasticsearch-source-fixtures.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { ELASTICSEARCH_PROGRAMS, startElasticsearch, type ElasticsearchServer } from "../helpers/elasticsearch.ts";

type Log = Awaited<ReturnType<typeof createLogger>>;

/** A line of each shape that the service logs, and of those that would be in conflict if they were told as they are. */
const SHAPES: readonly ((log: Log) => void)[] = [
  (log) => log.info("Watchkeeper listens at http://127.0.0.1:9797"),
  (log) => log.info({ targets: 3, webhooks: ["http://a", "http://b"], destinations: ["chat"] }, "at work"),
  (log) => log.info({ targets: "three", webhooks: 2, destinations: { chat: 1 } }, "the same names, other types"),
  (log) => log.debug({ collector: "vault", target: "v", part: "raft", outcome: "success", duration_ms: 3 }, "polled"),
  (log) => log.debug({ collector: "vault", target: "v", part: "raft", duration_ms: 12.75 }, "polled"),
  (log) => log.warn({ destination: "chat", revision: 2, attempts: 1, reason: "timeout" }, "no answer"),
  (log) => log.warn({ reason: 404, attempts: [1, 2], revision: true, isLast: false }, "the same names again"),
  (log) => log.error({ err: new StoreUnavailable("the disk is full"), group: "g1", isLast: true }, "not written"),
  (log) => log.error({ err: Object.assign(new Error("no way"), { code: "EHOSTUNREACH", cause: "x" }) }, "failed"),
  (log) => log.error({ err: "a text in the place of an error" }, "failed"),
  (log) => log.child({ reqId: "req-7" }).error({ err: new CollectError("timeout", "too late") }, "a request failed"),
  (log) => inTrace(() => log.error({ conversation: "c1" }, "within a trace")),
  (log) => log.fatal({ log: { level: 3 }, error: "x", service: 1, trace: "y", host: true }, "names of ECS itself"),
];

describeReal("Watchkeeper's own log in Elasticsearch", ELASTICSEARCH_PROGRAMS, () => {
  let server: ElasticsearchServer;
  const index = `wk-own-${Date.now()}`;
  beforeAll(async () => {
    server = await startElasticsearch();
  });
  afterAll(() => server.stop());

  test("every line is taken into one index without a mapping, and evidence reads it without configuration", async () => {
    const from = Date.now();
    const stream = new PassThrough();
    const log = await createLogger({ level: "trace", format: "ecs" }, stream);
    for (const write of SHAPES) write(log);
    const lines = String(stream.read()).trim().split("\n");
    expect(lines).toHaveLength(SHAPES.length);

    // each order decides otherwise which type a field has
    for (const order of [lines, lines.toReversed()]) await putLines(`${index}-${order === lines ? "a" : "b"}`, order);

    const window = { from: from - 60_000, to: Date.now() + 60_000 };
    const filter = { services: ["watchkeeper"], namespaces: [], pods: [], hosts: [] };
    const question = questionOf({ filter, window, baseline: { from: from - 120_000, to: window.from } });
    await withSource(server, { indices: [`${index}-a`] }, async (source) => {
      const read = await source.read(question, patience());
      expect(read.notes).toEqual([]);
      expect(read.window).toMatchObject({ total: SHAPES.length, isExact: true });
      const found = new Map(read.window.lines.map((line) => [line.message, line]));
      expect(found.get("not written")).toMatchObject({ level: "error", service: "watchkeeper" });
      expect(found.get("no answer")).toMatchObject({ level: "warn" });
      expect(found.get("polled")).toMatchObject({ level: "debug" });
      expect(found.get("within a trace")).toMatchObject(TRACE);
      const { lines: ofTrace } = await source.ofTrace(TRACE.traceId, patience());
      expect(ofTrace.map(({ message }) => message)).toEqual(["within a trace"]);
    });
  });

  async function putLines(name: string, lines: readonly string[]): Promise<void> {
    const answer = await fetch(`${server.url}/${name}/_bulk?refresh=true`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.map((line) => `{"create":{}}\n${line}\n`).join(""),
    });
    expect(await answer.text()).toContain('"errors":false');
  }
});
