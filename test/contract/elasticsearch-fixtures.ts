import { request } from "undici";
import { z } from "zod";

/** An Elasticsearch, emulated or real. */
export interface ElasticsearchUnderTest {
  readonly url: string;
  close(): Promise<void>;
}

/** Where the suite's indices are: `prefix` begins their names. */
export interface Place {
  readonly url: string;
  readonly prefix: string;
}

/** What a request is answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined when empty. */
  readonly body: unknown;
}

const hit = z.looseObject({
  _index: z.string(),
  _id: z.string(),
  _score: z.number().nullable(),
  _source: z.record(z.string(), z.unknown()).optional(),
  fields: z.record(z.string(), z.array(z.unknown())).optional(),
  sort: z.array(z.unknown()).optional(),
});
const found = z.object({
  pit_id: z.string().optional(),
  timed_out: z.boolean(),
  _shards: z.object({ total: z.number(), successful: z.number(), failed: z.number() }),
  hits: z.object({
    total: z.object({ value: z.number(), relation: z.string() }).optional(),
    hits: z.array(hit),
  }),
  aggregations: z.record(z.string(), z.unknown()).optional(),
});
const written = z.object({ errors: z.literal(false) });

/** The answer of a search. */
export type Found = z.infer<typeof found>;

/** Searches; a refusal is an error. `target` is what stands before `/_search`. */
export async function search(url: string, target: string, body: object): Promise<Found> {
  const answer = await ask(url, "POST", `${target}/_search`, body);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
  return found.parse(answer.body);
}

/** Asks by its path; `body` is JSON, or the text of a bulk request. */
export async function ask(url: string, method: string, path: string, body?: object | string): Promise<Answered> {
  const type = typeof body === "string" ? "application/x-ndjson" : "application/json";
  const answer = await request(`${url}${path}`, {
    method: method as "GET",
    headers: body === undefined ? {} : { "content-type": type },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
}

/** The first moment of the lines: 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000;

const SECOND = 1000;

/** How many lines each index gets, one each second. */
export const LINES = 600;

/** What each line is about, for every mapping the same. */
export interface Line {
  readonly at: number;
  readonly message: string;
  readonly level: string;
  readonly service: string;
  readonly pod: string;
  readonly traceId: string;
}

/** Checkout begins to fail after 400 s, mostly on one pod; levels are written in several ways. */
export const lines: readonly Line[] = Array.from({ length: LINES }, (_, at) => {
  const failed = at % 50 === 0 || (at >= 400 && at % 3 === 0);
  return {
    at: START + at * SECOND,
    message: failed
      ? `payment of order-${at} failed: connection refused by 10.0.0.9:5432`
      : `order-${at} took ${at % 17} ms`,
    level: failed ? (at % 2 === 0 ? "ERROR" : "error") : "Info",
    service: at % 3 === 0 ? "checkout" : "cart",
    pod: failed ? "checkout-2" : `pod-${at % 5}`,
    traceId: String(at).padStart(32, "0"),
  };
});

const keyword = { type: "keyword" };

/** Mappings as Elastic's integrations, the OpenTelemetry exporter, and somebody by hand make them. */
export const MAPPINGS = {
  ecs: {
    properties: {
      "@timestamp": { type: "date" },
      message: { type: "match_only_text" },
      log: { properties: { level: keyword } },
      service: { properties: { name: keyword } },
      trace: { properties: { id: keyword } },
      kubernetes: { properties: { pod: { properties: { name: keyword } } } },
    },
  },
  otel: {
    properties: {
      "@timestamp": { type: "date_nanos" },
      body: { properties: { text: { type: "match_only_text" } } },
      message: { type: "alias", path: "body.text" },
      severity_text: keyword,
      severity_number: { type: "byte" },
      log: { properties: { level: { type: "alias", path: "severity_text" } } },
      trace_id: keyword,
      trace: { properties: { id: { type: "alias", path: "trace_id" } } },
      resource: {
        properties: {
          attributes: {
            type: "passthrough",
            priority: 20,
            dynamic: true,
            properties: { "service.name": keyword, "k8s.pod.name": keyword },
          },
        },
      },
    },
  },
  custom: { properties: { ts: { type: "date", format: "epoch_millis" }, sev: keyword } },
} as const;

/** A kind of mapping. */
export type MappingName = keyof typeof MAPPINGS;

const DOCUMENTS: Readonly<Record<MappingName, (line: Line) => object>> = {
  ecs: ({ at, message, level, service, pod, traceId }) => ({
    "@timestamp": new Date(at).toISOString(),
    message,
    log: { level },
    "service.name": service,
    trace: { id: traceId },
    kubernetes: { pod: { name: pod } },
  }),
  otel: ({ at, message, level, service, pod, traceId }) => ({
    "@timestamp": new Date(at).toISOString().replace("Z", "000789Z"),
    body: { text: message },
    severity_text: level,
    severity_number: level === "Info" ? 9 : 17,
    trace_id: traceId,
    resource: { attributes: { "service.name": service, "k8s.pod.name": pod } },
  }),
  custom: ({ at, message, level, service }) => ({ ts: at, text: message, sev: level, app: service }),
};

/** Makes the three indices `<prefix>-ecs`, `-otel` and `-custom`, and writes the lines into each. */
export async function fill(url: string, prefix: string): Promise<void> {
  for (const name of Object.keys(MAPPINGS) as MappingName[]) {
    await ask(url, "PUT", `/${prefix}-${name}`, { mappings: MAPPINGS[name] });
    const action = JSON.stringify({ create: { _index: `${prefix}-${name}` } });
    const body = lines.map((line) => `${action}\n${JSON.stringify(DOCUMENTS[name](line))}\n`).join("");
    const { body: answer } = await ask(url, "POST", "/_bulk?refresh=true", body);
    written.parse(answer);
  }
}
