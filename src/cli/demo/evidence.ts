import { hours, minutes } from "../../core/duration.ts";
import { startElasticsearchLab } from "../../lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab } from "../../lab/prometheus/prometheus-lab.ts";
import { elasticsearchSink } from "../../lab/shop/fill-elasticsearch.ts";
import { prometheusSink } from "../../lab/shop/fill-prometheus.ts";
import { tracesSink } from "../../lab/shop/fill-traces.ts";
import { playShop } from "../../lab/shop/play.ts";
import { startTempoLab } from "../../lab/tempo/tempo-lab.ts";

/** A shop that logs, traces and measures, and where its telemetry is. */
export interface DemoShop {
  /** The section `evidence` that finds it. */
  readonly evidence: object;
  close(): Promise<void>;
}

/** The same shop each time: its payment gets a version that fails, and nobody can pay in its checkout. */
const SEED = 23;
/** So long ago that there is something to be seen at once, and so shortly that it is news. */
const FAULT_AGO = minutes(5);

/**
 * Starts emulated Elasticsearch and Tempo and a shop that fills them, with an hour of its past. Its metrics go to the
 * Prometheus that is given, which takes remote writes of the past, or else to an emulated one.
 */
export async function startDemoShop(prometheusUrl: string | undefined): Promise<DemoShop> {
  const elasticsearch = await startElasticsearchLab();
  const tempo = await startTempoLab({ retentionMs: hours(3) });
  const prometheus = prometheusUrl === undefined ? await startPrometheusLab() : undefined;
  const ending = new AbortController();
  const shop = await playShop({
    seed: SEED,
    rate: 2,
    begins: { fault: "bad_version", agoMs: FAULT_AGO },
    sinks: [
      await elasticsearchSink({ url: elasticsearch.url }),
      tracesSink({ url: tempo.otlpUrl }),
      prometheus === undefined
        ? prometheusSink({ url: prometheusUrl ?? "" })
        : (telemetry) => prometheus.take(telemetry),
    ],
    signal: ending.signal,
  });
  return {
    evidence: {
      elasticsearch: { nodes: [elasticsearch.url], indices: ["logs-shop"] },
      traces: { kind: "tempo", url: tempo.url },
      prometheus: { url: prometheusUrl ?? prometheus?.url },
    },
    async close() {
      ending.abort();
      await shop.done;
      await Promise.all([elasticsearch.close(), tempo.close(), prometheus?.close()]);
    },
  };
}
