import { Gauge, type Registry } from "prom-client";
import type { Metric } from "../../core/metric.ts";
import { sloSelfMetrics } from "../../core/slo-self-metrics.ts";

/** What a board tells of its looks. */
export interface SloMetrics {
  /** A look succeeded, but for so many SLOs; `at` in Unix seconds. */
  read(at: number, unreadable: number): void;
  failed(): void;
}

/** Metrics of looks at SLOs, in a registry; each is absent until it is known. */
export function createSloMetrics(registry: Registry): SloMetrics {
  const success = gaugeIn(registry, sloSelfMetrics.readingSuccess);
  const time = gaugeIn(registry, sloSelfMetrics.readingTime);
  const unreadable = gaugeIn(registry, sloSelfMetrics.unreadable);
  return {
    read(at, count) {
      success.set(1);
      time.set(at);
      unreadable.set(count);
    },
    failed: () => success.set(0),
  };
}

function gaugeIn(registry: Registry, { name, help }: Metric): Gauge {
  const gauge = new Gauge({ name, help, registers: [registry] });
  // prom-client begins with 0, which would be a lie
  gauge.remove();
  return gauge;
}
