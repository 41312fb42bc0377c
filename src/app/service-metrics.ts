import { Gauge, Registry } from "prom-client";
import type { Metric } from "../core/metric.ts";
import { processMetrics } from "../core/self-metrics.ts";
import { collectProcessMetrics } from "../exporters/prometheus/process-metrics.ts";
import { version } from "../lib/package.ts";

/** The service's metrics of itself. */
export interface ServiceMetrics {
  readonly registry: Registry;
  /** Notes how the newest attempt to load the configuration ended. */
  reloaded(successfully: boolean): void;
}

/** Makes a registry of its own, with Node's and the process's usual metrics. */
export function createServiceMetrics(): ServiceMetrics {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const gaugeOf = ({ name, help, labels }: Metric): Gauge<string> =>
    new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
  gaugeOf(processMetrics.build).set({ version, node_version: process.version }, 1);
  const successful = gaugeOf(processMetrics.reloadSuccessful);
  const time = gaugeOf(processMetrics.reloadTime);
  return {
    registry,
    reloaded(successfully) {
      successful.set(successfully ? 1 : 0);
      if (successfully) time.setToCurrentTime();
    },
  };
}
