import { minutes } from "../../src/core/duration.ts";
import type { ElasticsearchLab } from "../../src/lab/elasticsearch/contract.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab, type PrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import type { Shop, ShopFault } from "../../src/lab/shop/contract.ts";
import { elasticsearchSink } from "../../src/lab/shop/fill-elasticsearch.ts";
import { tracesSink } from "../../src/lab/shop/fill-traces.ts";
import type { LogForm } from "../../src/lab/shop/log-documents.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { startTempoLab, type TempoLab } from "../../src/lab/tempo/tempo-lab.ts";

/** Which shop is told to the stand-ins. */
export interface StartShopOptions {
  readonly seed: number;
  readonly fault: ShopFault | undefined;
  /** Requests of customers in a second; 1 unless given. */
  readonly rate?: number;
  /** When the fault began, Unix milliseconds; 20 minutes ago unless given. */
  readonly faultAt?: number;
  /** How log documents are laid out; `ecs` unless given. */
  readonly form?: LogForm;
}

/** A shop whose telemetry is in stand-ins of Elasticsearch (index `logs-shop`), Tempo and Prometheus. */
export interface StartedShop {
  readonly shop: Shop;
  readonly elasticsearch: ElasticsearchLab;
  readonly tempo: TempoLab;
  readonly prometheus: PrometheusLab;
  close(): Promise<void>;
}

/** Starts the stand-ins and fills them with a shop that ran from 80 minutes before its fault to 19 minutes after it. */
export async function startShop(options: StartShopOptions): Promise<StartedShop> {
  const { seed, fault, rate = 1, faultAt = Date.now() - minutes(20), form = "ecs" } = options;
  const shop = simulateShop({ seed, fault, rate, from: faultAt - minutes(80), faultAt, to: faultAt + minutes(19) });
  const elasticsearch = await startElasticsearchLab();
  const tempo = await startTempoLab();
  const prometheus = await startPrometheusLab(shop);
  await (
    await elasticsearchSink({ url: elasticsearch.url, form })
  )(shop);
  await tracesSink({ url: tempo.otlpUrl })(shop);
  return {
    shop,
    elasticsearch,
    tempo,
    prometheus,
    close: async () => {
      await Promise.all([elasticsearch.close(), tempo.close(), prometheus.close()]);
    },
  };
}
