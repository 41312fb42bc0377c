import { randomBytes } from "node:crypto";
import { request } from "undici";

/** Times of a run, in Unix milliseconds: some seconds of quiet, then as many of trouble. */
export interface SuiteTimes {
  readonly baseline: { readonly from: number; readonly to: number };
  readonly window: { readonly from: number; readonly to: number };
}

/** Services of a run: no other run's, so that a server with spans of its own is of no matter. */
export interface SuiteServices {
  readonly front: string;
  readonly shop: string;
  readonly stock: string;
  /** Its name is meant to break queries and pages. */
  readonly evil: string;
}

/** What was sent. */
export interface SentTraces {
  readonly times: SuiteTimes;
  readonly services: SuiteServices;
  readonly failed: ReadonlySet<string>;
  readonly slow: ReadonlySet<string>;
  /** A trace with eight zeros at the front of its id. */
  readonly zeros: string;
  readonly evil: string;
}

export const BASELINE_TRACES = 60;
export const GOOD_TRACES = 40;
export const FAILED_TRACES = 20;
export const SLOW_TRACES = 3;

interface Shape {
  readonly at: number;
  readonly isFailed?: boolean;
  readonly shopMs?: number;
  readonly version?: string;
  readonly traceId?: string;
}

/** Sends the traces of a run by OTLP over HTTP, one of them twice. */
export async function sendTraces(
  otlpUrl: string,
  now: number,
  headers: Readonly<Record<string, string>>,
): Promise<SentTraces> {
  // all younger than the two minutes that Tempo waits for late spans
  const times = {
    baseline: { from: now - 100_000, to: now - 50_000 },
    window: { from: now - 50_000, to: now - 1_000 },
  };
  const run = randomBytes(4).toString("hex");
  const services = {
    front: `front-${run}`,
    shop: `shop-${run}`,
    stock: `stock-${run}`,
    evil: `evil" } || { "\\ <b> ${run}`,
  };
  const spread = (count: number, { from, to }: { readonly from: number; readonly to: number }) =>
    Array.from({ length: count }, (_, at) => from + 2_000 + Math.floor((at * (to - from - 6_000)) / count));
  const zeros = randomBytes(12).toString("hex").padStart(32, "0");
  const before = spread(BASELINE_TRACES, times.baseline).map((at) => ({ at }));
  const good = spread(GOOD_TRACES, times.window).map((at, index) => ({ at, ...(index === 0 && { traceId: zeros }) }));
  const failed = spread(FAILED_TRACES, times.window).map((at) => ({ at, isFailed: true, version: "2" }));
  const slow = spread(SLOW_TRACES, times.window).map((at) => ({ at, shopMs: 2_000 }));
  const sent = [before, good, failed, slow].map((shapes) => shapes.map((shape) => makeTrace(services, shape)));
  const evil = randomBytes(16).toString("hex");
  const all = [
    ...sent.flat().flatMap(({ groups }) => groups),
    makeEvil(services.evil, { traceId: evil, at: times.window.from + 5_000 }),
  ];
  await push(otlpUrl, all, headers);
  // once more, as a client does that heard no answer
  await push(otlpUrl, all.slice(-1), headers);
  const ids = (index: number): ReadonlySet<string> => new Set(sent[index]?.map(({ traceId }) => traceId));
  return { times, services, failed: ids(2), slow: ids(3), zeros, evil };
}

function makeTrace(
  { front, shop, stock }: SuiteServices,
  { at, isFailed = false, shopMs = 20, version = "1", traceId = `1${randomBytes(16).toString("hex").slice(1)}` }: Shape,
): { readonly traceId: string; readonly groups: readonly unknown[] } {
  const [root, client, server, query, answer] = Array.from({ length: 5 }, () => randomBytes(8).toString("hex"));
  const status = isFailed ? { code: 2, message: "no stock" } : {};
  const span = (spanId: string | undefined, parentSpanId: string | undefined, more: object) => ({
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...more,
  });
  const timed = (from: number, lasts: number) => ({
    startTimeUnixNano: `${at + from}000000`,
    endTimeUnixNano: `${at + from + lasts}000000`,
  });
  const pod = isFailed ? `${shop}-bad` : `${shop}-good`;
  const groups = [
    group(front, {}, [
      span(root, undefined, { name: "GET /", kind: 2, ...timed(0, shopMs + 4), status }),
      span(client, root, { name: "GET", kind: 3, ...timed(1, shopMs + 2), status }),
    ]),
    group(shop, { "service.version": version, "k8s.pod.name": pod, "k8s.namespace.name": "suite" }, [
      span(server, client, {
        name: "GET /shop",
        kind: 2,
        ...timed(2, shopMs),
        status,
        attributes: attributes({ "http.route": "/shop" }),
      }),
      span(query, server, { name: "GET", kind: 3, ...timed(3, 8), status }),
    ]),
    group(stock, {}, [
      span(answer, query, {
        name: "GET /stock",
        kind: 2,
        ...timed(4, 5),
        status,
        events: isFailed
          ? [
              {
                timeUnixNano: `${at + 5}000000`,
                name: "exception",
                attributes: attributes({ "exception.type": "Empty" }),
              },
            ]
          : [],
      }),
    ]),
  ];
  return { traceId, groups };
}

function makeEvil(service: string, { traceId, at }: { readonly traceId: string; readonly at: number }): unknown {
  const [start, end] = [`${at}000000`, `${at + 10}000000`];
  const spanId = randomBytes(8).toString("hex");
  const status = { code: 2, message: "<script>alert(1)</script>\u0000\u202e" };
  const span = { traceId, spanId, name: "GET /", kind: 2, startTimeUnixNano: start, endTimeUnixNano: end, status };
  return group(service, {}, [span]);
}

const attributes = (texts: Readonly<Record<string, string>>): readonly unknown[] =>
  Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));

function group(service: string, more: Readonly<Record<string, string>>, spans: readonly unknown[]): unknown {
  return {
    resource: { attributes: attributes({ "service.name": service, ...more }) },
    scopeSpans: [{ scope: {}, spans }],
  };
}

async function push(
  otlpUrl: string,
  resourceSpans: readonly unknown[],
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { statusCode, body } = await request(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ resourceSpans }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`POST ${otlpUrl}/v1/traces was answered ${statusCode}: ${text}`);
}
