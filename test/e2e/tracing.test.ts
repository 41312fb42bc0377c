import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { afterEach, expect, it } from "vitest";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import type { LabRequest } from "../../src/lab/exchange.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryServiceOptions } from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function opens<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  opened.push(one);
  return one;
}

/** Spans in OTLP's JSON form. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
            }),
          ),
        }),
      ),
    }),
  ),
});

const spansOf = (requests: readonly LabRequest[]) =>
  requests
    .flatMap(({ body }) => exported.parse(JSON.parse(body)).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans);

type Spans = ReturnType<typeof spansOf>;

/** Attributes of a span by their names; OTLP writes whole numbers as text or as numbers. */
const toldBy = (span: Spans[number] | undefined): Record<string, unknown> =>
  Object.fromEntries(
    span?.attributes.map(({ key, value }) => [
      key,
      "intValue" in value ? Number(value["intValue"]) : Object.values(value)[0],
    ]) ?? [],
  );

/** The numbers of the kinds in OTLP. */
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const WEBHOOK = "/api/v1/webhooks/alertmanager/:source";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const ANOTHER_TRACE = "5bf92f3577b34da6a3ce929d0e0e4737";

async function startTraced() {
  const collector = await opens(startLabServer({ handler: () => ({ status: 200, body: "{}" }) }));
  const receiver = await opens(startWebhookStandIn());
  const service = await opens(
    startDeliveryService({
      destinations: [{ type: "webhook", name: "chat", url: receiver.url, secret: "planted-secret" }],
      config: { tracing: { endpoint: collector.url, headers: [{ name: "X-Token", value: "planted-secret" }] } },
    }),
  );
  return { collector, receiver, service };
}

it("traces a notification from the sender's own span to the message", async () => {
  const { collector, receiver, service } = await startTraced();
  const post = (traceparent: string, isFiring = true) =>
    service.post(groupWebhook("traced", { isFiring }), { traceparent });
  expect((await post(`00-${TRACE}-${CALLER}-01`)).status).toBe(202);
  await waitUntil("it is told", () => receiver.messages().length === 1, PATIENCE);
  expect((await post(`00-${ANOTHER_TRACE}-${CALLER}-01`, false)).status).toBe(202);
  await waitUntil("its end is told", () => receiver.messages()[0]?.isClosed, PATIENCE);
  const ofTraces = () => spansOf(collector.requests).filter(({ traceId }) => [TRACE, ANOTHER_TRACE].includes(traceId));
  await waitUntil("the spans are there", () => ofTraces().length === 8, PATIENCE);

  const spans = ofTraces();
  for (const [trace, action] of [
    [TRACE, "open"],
    [ANOTHER_TRACE, "close"],
  ]) {
    const own = spans.filter(({ traceId }) => traceId === trace);
    const named = (name: string) => own.find((span) => span.name === name);
    const [request, receive, deliver, post] = [`POST ${WEBHOOK}`, "receive", "deliver", "POST"].map(named);
    expect(own).toHaveLength(4);
    expect(request).toMatchObject({ kind: SERVER, parentSpanId: CALLER });
    expect(toldBy(request)).toMatchObject({
      "http.request.method": "POST",
      "http.route": WEBHOOK,
      "url.path": "/api/v1/webhooks/alertmanager/main",
      "http.response.status_code": 202,
    });
    expect(receive).toMatchObject({ kind: INTERNAL, parentSpanId: request?.spanId });
    expect(deliver).toMatchObject({ kind: CLIENT, parentSpanId: receive?.spanId });
    expect(toldBy(deliver)).toMatchObject({ "watchkeeper.destination": "chat", "watchkeeper.action": action });
    expect(post).toMatchObject({ kind: CLIENT, parentSpanId: deliver?.spanId });
    expect(toldBy(post)).toMatchObject({
      "http.request.method": "POST",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(receiver.url).port),
      "url.full": `${new URL(receiver.url).origin}/<redacted>`,
      "http.response.status_code": 202,
    });
  }
  const [{ path, headers } = { path: "", headers: {} as LabRequest["headers"] }] = collector.requests;
  expect(path).toBe("/v1/traces");
  expect(headers["x-token"]).toBe("planted-secret");
  expect(collector.requests.map(({ body }) => body).join()).not.toContain("planted-secret");
});

it("does not trace what the sender chose not to, and delivers it", async () => {
  const { collector, receiver, service } = await startTraced();
  expect((await service.post(groupWebhook("quiet"), { traceparent: `00-${TRACE}-${CALLER}-00` })).status).toBe(202);
  expect((await service.post(groupWebhook("own"))).status).toBe(202);
  await waitUntil("both are told", () => receiver.messages().length === 2, PATIENCE);
  await service.stop();
  const spans = spansOf(collector.requests);
  expect(spans.map(({ name }) => name).toSorted()).toEqual(["POST", `POST ${WEBHOOK}`, "deliver", "receive"]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(spans[0]?.traceId).not.toBe(TRACE);
});

/** Starts a service, and gives the URLs of all modules that its process loaded until it had delivered something. */
async function loadedModules(config: DeliveryServiceOptions["config"]): Promise<readonly string[]> {
  const folder = await createTemporaryFolder("modules");
  opened.push({ close: () => folder.remove() });
  const [hooks, list] = [join(folder.path, "hooks.mjs"), join(folder.path, "list")];
  await writeFile(
    hooks,
    `import { appendFileSync } from "node:fs";
     import { registerHooks } from "node:module";
     registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + "\\n"); return next(url, context); } });`,
  );
  const receiver = await opens(startWebhookStandIn());
  const service = await opens(
    startDeliveryService({
      destinations: [{ type: "webhook", name: "chat", url: receiver.url }],
      ...(config && { config }),
      env: { NODE_OPTIONS: `--import ${pathToFileURL(hooks).href}` },
    }),
  );
  await service.post(groupWebhook("loads"));
  await waitUntil("it is told", () => receiver.messages().length === 1, PATIENCE);
  return (await readFile(list, "utf8")).split("\n");
}

it("loads the SDK only where the configuration has a section `tracing`", async () => {
  const sdkOf = (modules: readonly string[]) => modules.filter((url) => /@opentelemetry\/(?!api\/)/.test(url));
  const without = await loadedModules({});
  expect(without.some((url) => url.includes("/dist/alerting/intake/"))).toBe(true);
  expect(sdkOf(without)).toEqual([]);
  expect(sdkOf(await loadedModules({ tracing: { endpoint: "http://127.0.0.1:1" } }))).not.toEqual([]);
});

it("delivers and ends in time while the collector hangs", async () => {
  const { collector, receiver, service } = await startTraced();
  await collector.setFault({ kind: "hang" });
  await service.post(groupWebhook("hangs"));
  await waitUntil("it is told", () => receiver.messages().length === 1, PATIENCE);
  const asked = performance.now();
  service.process().signal("SIGTERM");
  expect(await service.process().ended).toEqual({ code: 0, signal: null });
  // the collector has five seconds
  expect(performance.now() - asked).toBeLessThan(15_000);
  expect(service.process().output()).toContain("the newest spans could not be sent");
});

it("makes a trace of each poll, with the requests of it, and sends none along to what is polled", async () => {
  const collector = await opens(startLabServer({ handler: () => ({ status: 200, body: "{}" }) }));
  const vault = await opens(
    startLabServer({ handler: () => ({ status: 503, body: '{"errors":["planted-answer"]}' }) }),
  );
  const service = await opens(
    startDeliveryService({
      destinations: [{ type: "webhook", name: "chat", url: "http://127.0.0.1:1" }],
      config: {
        targets: { vault: [{ name: "v", nodes: [vault.url], auth: { method: "token", token: "planted-secret" } }] },
        tracing: { endpoint: collector.url },
        log: { level: "debug" },
      },
    }),
  );
  for (const path of ["/", "/-/ready", "/metrics", "/nowhere?token=planted-query"])
    await fetch(`${service.url}${path}`);
  await waitUntil("a poll failed", () => failedPoll(spansOf(collector.requests)) !== undefined, PATIENCE);
  await service.stop();

  const spans = spansOf(collector.requests);
  const { poll, get } = failedPoll(spans) ?? {};
  expect(poll).not.toHaveProperty("parentSpanId");
  expect(toldBy(poll)).toMatchObject({
    "watchkeeper.collector": "vault",
    "watchkeeper.target": "v",
    "watchkeeper.part": expect.stringMatching(/^[a-z-]+$/),
    "error.type": "server_error",
  });
  expect(get).toMatchObject({ name: "GET", kind: CLIENT });
  expect(toldBy(get)).toMatchObject({
    "http.request.method": "GET",
    "url.full": expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\//),
    "http.response.status_code": 503,
    "error.type": "server_error",
  });
  expect(new Set(vault.requests.map(({ headers }) => headers["traceparent"]))).toEqual(new Set([undefined]));
  const served = spans.filter(({ kind }) => kind === SERVER).map((span) => [span.name, toldBy(span)["url.path"]]);
  expect(served).toEqual([
    ["GET /", "/"],
    ["GET", "/nowhere"],
  ]);
  expect(collector.requests.map(({ body }) => body).join()).not.toMatch(/planted-(?:secret|answer|query)/);
});

/**
 * A poll that failed by its own request; parts that ask the same share one request, which is in the trace of the first.
 * A 503 of Vault's health is an answer, so that a poll which asks for that fails for what the answer lacks.
 */
function failedPoll(spans: Spans): { readonly poll: Spans[number]; readonly get: Spans[number] } | undefined {
  const polls = spans.filter(
    (span) => span.name.startsWith("poll ") && toldBy(span)["watchkeeper.outcome"] === "failed",
  );
  const gets = spans.filter((span) => toldBy(span)["error.type"] === "server_error" && span.kind === CLIENT);
  const [found] = polls.flatMap((poll) => {
    const get = gets.find(({ parentSpanId }) => parentSpanId === poll.spanId);
    return get === undefined ? [] : [{ poll, get }];
  });
  return found;
}
