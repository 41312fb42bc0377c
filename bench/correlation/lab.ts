// Started by bundle.ts as a process of its own: stand-ins with an incident, so that their computing is nobody else's.
import { startShop } from "../../test/helpers/start-shop.ts";
import type { ShopAlert, ShopService } from "../../src/lab/shop/contract.ts";

/** What the parent is told once the stand-ins are filled. */
export interface LabDescription {
  readonly elasticsearch: string;
  readonly tempo: string;
  readonly prometheus: string;
  readonly alert: ShopAlert;
  readonly services: readonly ShopService[];
  readonly lines: number;
  readonly spans: number;
  readonly series: number;
}

const { shop, elasticsearch, tempo, prometheus, close } = await startShop({
  seed: 1_001,
  fault: "error_burst",
  rate: 3,
});
const description: LabDescription = {
  elasticsearch: elasticsearch.url,
  tempo: tempo.url,
  prometheus: prometheus.url,
  alert: shop.alert,
  services: shop.services,
  lines: shop.lines.length,
  spans: shop.spans.length,
  series: shop.families.reduce((sum, { series }) => sum + series.length, 0),
};
process.send?.(description);
process.once("disconnect", () => void close());
