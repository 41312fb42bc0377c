// Started by labs.ts, each stand-in as a process of its own, as the servers are that they stand for: `<stand-in> <fault at>`.
import { minutes } from "../../src/core/duration.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import type { Shop } from "../../src/lab/shop/contract.ts";
import { elasticsearchSink } from "../../src/lab/shop/fill-elasticsearch.ts";
import { tracesSink } from "../../src/lab/shop/fill-traces.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";

/** What the parent is told once the stand-in is filled. */
export interface LabDescription extends Pick<Shop, "alert" | "services"> {
  readonly url: string;
  readonly lines: number;
  readonly spans: number;
  readonly series: number;
}

const STAND_INS: Readonly<Record<string, (shop: Shop) => Promise<string>>> = {
  elasticsearch: async (shop) => {
    const { url } = await startElasticsearchLab();
    await (
      await elasticsearchSink({ url })
    )(shop);
    return url;
  },
  tempo: async (shop) => {
    const { url, otlpUrl } = await startTempoLab();
    await tracesSink({ url: otlpUrl })(shop);
    return url;
  },
  prometheus: async (shop) => (await startPrometheusLab(shop)).url,
};

const [name = "", at = ""] = process.argv.slice(2);
const faultAt = Number(at);
const shop = simulateShop({
  seed: 1_001,
  fault: "error_burst",
  from: faultAt - minutes(80),
  faultAt,
  to: faultAt + minutes(19),
});
const url = await STAND_INS[name]?.(shop);
if (url === undefined) throw new Error(`there is no stand-in ${name}`);
const description: LabDescription = {
  url,
  alert: shop.alert,
  services: shop.services,
  lines: shop.lines.length,
  spans: shop.spans.length,
  series: shop.families.reduce((sum, { series }) => sum + series.length, 0),
};
process.send?.(description);
process.once("disconnect", () => process.exit());
