import { days } from "../../../core/duration.ts";
import type { Slo, WindowedPromql } from "../../model.ts";

/** PromQL of a test, windows as `$window`. */
export const promql = (text: string): WindowedPromql => ({ text, at: (window) => text.replaceAll("$window", window) });

/** An SLO of HTTP requests, with what a test wants otherwise. */
export const httpSlo = (of: Partial<Slo> = {}): Slo => ({
  id: "shop-requests",
  service: "shop",
  name: "requests",
  description: "Requests to the shop are answered",
  labels: { team: "checkout" },
  objective: 0.999,
  window: { kind: "rolling", length: days(30) },
  sli: {
    kind: "events",
    total: promql('sum(increase(http_requests_total{job="shop"}[$window]))'),
    errors: promql('sum(increase(http_requests_total{job="shop",code=~"5.."}[$window]))'),
  },
  groupBy: [],
  timeslices: undefined,
  minimum: { events: 0, failures: 2 },
  alerting: {
    name: "ShopRequestsFailing",
    page: { enabled: true, labels: {}, annotations: {} },
    ticket: { enabled: true, labels: {}, annotations: {} },
    noData: { severity: "warning" },
    budgetLeft: [
      { below: 0.5, severity: "info" },
      { below: 0.1, severity: "warning" },
    ],
    tiers: undefined,
  },
  source: { file: "slo/shop.yaml", line: 1, column: 1, format: "watchkeeper" },
  ...of,
});
