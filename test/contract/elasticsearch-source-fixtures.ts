import type { ElasticsearchConfig } from "../../src/core/evidence-config.ts";
import type { LogQuestion, LogSource, TelemetryFilter } from "../../src/core/telemetry.ts";
import { openElasticsearch } from "../../src/correlation/elasticsearch/source.ts";
import type { ElasticsearchLab } from "../../src/lab/elasticsearch/contract.ts";

/** 2026-03-01T12:00:00Z: the end of the window. */
export const END = 1_772_366_400_000;
const MINUTE = 60_000;

/** A configuration with what a test is about; all else is absent. */
export const configOf = (
  given: Pick<ElasticsearchConfig, "nodes"> & Partial<ElasticsearchConfig>,
): ElasticsearchConfig => ({
  indices: ["logs-*"],
  fields: {},
  apiKey: undefined,
  login: undefined,
  caFile: undefined,
  fingerprint: undefined,
  serverName: undefined,
  kibanaUrl: undefined,
  ...given,
});

/** A filter that names only what is given. */
export const filterOf = (given: Partial<TelemetryFilter>): TelemetryFilter => ({
  services: [],
  namespaces: [],
  pods: [],
  hosts: [],
  ...given,
});

/** The last 10 minutes against the hour before them, of the service `shop`. */
export const questionOf = (given: Partial<LogQuestion> = {}): LogQuestion => ({
  filter: filterOf({ services: ["shop"] }),
  window: { from: END - 10 * MINUTE, to: END },
  baseline: { from: END - 70 * MINUTE, to: END - 10 * MINUTE },
  lines: 1_000,
  seed: 7,
  ...given,
});

/** Opens the source, does the work and closes it. */
export async function withSource<T>(
  lab: Pick<ElasticsearchLab, "url">,
  given: Partial<ElasticsearchConfig>,
  work: (source: LogSource) => Promise<T>,
): Promise<T> {
  const source = await openElasticsearch(configOf({ nodes: [lab.url], ...given }));
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

/** Long enough for a slow machine. */
export const patience = (): AbortSignal => AbortSignal.timeout(30_000);

const keyword = { type: "keyword" };

/** Mappings as Elastic's integrations and OpenTelemetry's exporter make them. */
export const MAPPINGS = {
  ecs: {
    "@timestamp": { type: "date" },
    message: { type: "text" },
    log: { properties: { level: keyword } },
    service: { properties: { name: keyword, version: keyword } },
    trace: { properties: { id: keyword } },
    span: { properties: { id: keyword } },
    host: { properties: { name: keyword } },
    kubernetes: { properties: { namespace: keyword, pod: { properties: { name: keyword, uid: keyword } } } },
    http: { properties: { response: { properties: { status_code: { type: "long" } } } } },
    url: { properties: { path: keyword } },
  },
  otel: {
    "@timestamp": { type: "date_nanos" },
    body: { properties: { text: { type: "text" } } },
    message: { type: "alias", path: "body.text" },
    severity_text: keyword,
    severity_number: { type: "byte" },
    log: { properties: { level: { type: "alias", path: "severity_text" } } },
    trace_id: keyword,
    trace: { properties: { id: { type: "alias", path: "trace_id" } } },
    resource: {
      properties: {
        attributes: { properties: { "service.name": keyword, "k8s.pod.name": keyword, "service.version": keyword } },
      },
    },
  },
} as const;

/** Makes an index with that mapping. */
export async function makeIndex(
  { url }: Pick<ElasticsearchLab, "url">,
  name: string,
  properties: object,
  settings: object = {},
): Promise<void> {
  const answer = await fetch(`${url}/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ settings: { number_of_replicas: 0, ...settings }, mappings: { properties } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** A line in the way of ECS; the rest is a usual one of `shop`. */
export const ecsLine = (at: number, message: string, rest: object = {}): object => ({
  "@timestamp": new Date(at).toISOString(),
  message,
  log: { level: "info" },
  service: { name: "shop", version: "1.0" },
  ...rest,
});
