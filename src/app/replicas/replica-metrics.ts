import { Counter, Gauge, type Registry } from "prom-client";
import type { Metric } from "../../core/metric.ts";
import { replicaMetrics } from "../../core/replica-metrics.ts";

/** What is told of a replica at each scrape. */
export interface ReplicaFigures {
  readonly isMember: boolean;
  /** How many replicas divide the targets; only of use to a member. */
  readonly members: number;
  readonly polled: number;
  readonly configured: number;
  /** Unix milliseconds. */
  readonly renewedAt: number | undefined;
}

/** Registers the metrics of a replica; gives what counts its lapses. */
export function createReplicaMetrics(registry: Registry, figures: () => ReplicaFigures): { lapsed(): void } {
  const show = (metric: Metric, value: (of: ReplicaFigures) => number | undefined): void => {
    const { name, help } = metric;
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => {
        const now = value(figures());
        if (now === undefined) gauge.remove();
        else gauge.set(now);
      },
    });
  };
  show(replicaMetrics.isMember, ({ isMember }) => Number(isMember));
  show(replicaMetrics.members, ({ isMember, members }) => (isMember ? members : undefined));
  show(replicaMetrics.polled, ({ polled }) => polled);
  show(replicaMetrics.configured, ({ configured }) => configured);
  show(replicaMetrics.renewalTime, ({ renewedAt }) => renewedAt && renewedAt / 1000);
  const { name, help } = replicaMetrics.lapses;
  const lapses = new Counter({ name, help, registers: [registry] });
  return { lapsed: () => lapses.inc() };
}
