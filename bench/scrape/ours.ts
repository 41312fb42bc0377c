import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { z } from "zod";
import { createServiceMetrics } from "../../src/app/service-metrics.ts";
import { createPublisher } from "../../src/app/publisher.ts";
import { StatusBoard } from "../../src/app/status-board.ts";
import { targetFields } from "../../src/core/config-fields.ts";
import { minutes, seconds } from "../../src/core/duration.ts";
import { defineCollector } from "../../src/core/pack.ts";
import { createExposition } from "../../src/exporters/prometheus/exposition.ts";
import { keepYoungHeapSmall } from "../../src/lib/heap.ts";
import { registerMetricsRoute } from "../../src/server/routes/metrics.ts";
import { makeSnapshot, METRICS, targetName, TARGETS } from "./series.ts";

const collector = defineCollector({
  id: "bench",
  title: "Bench",
  config: z.strictObject(targetFields),
  parts: [
    {
      id: "all",
      title: "All",
      every: minutes(60),
      deadline: seconds(10),
      metrics: Object.fromEntries(METRICS.map((metric) => [metric.name, metric])),
      collect: async () => {},
    },
  ],
  connect: async () => {},
  disconnect: async () => {},
  check: async () => [],
});

/** The product's store, status and route, fed by hand instead of by polls. */
export interface Ours {
  /** Reports new values of a tenth of all series, of other targets in each round. */
  changeTenth(round: number): Promise<void>;
}

/** Serves `total` series as the product does. */
export async function serveOurs(app: FastifyInstance, total: number): Promise<Ours> {
  keepYoungHeapSmall();
  const exposition = createExposition({ selfMetrics: createServiceMetrics().registry });
  registerMetricsRoute(app, exposition);
  const board = new StatusBoard(createPublisher(exposition), pino({ level: "silent" }));
  const targets = Array.from({ length: TARGETS }, (_, i) => collector.target.parse({ name: targetName(i) }));
  await board.replace(targets);
  const report = async (target: number, round: number): Promise<void> => {
    const key = { collector: collector.id, target: targetName(target), part: "all" };
    const snapshot = await makeSnapshot(target, total, round);
    await board.report(key, { outcome: "success", snapshot, errors: [], durationMs: 100 });
  };
  for (let target = 0; target < TARGETS; target++) await report(target, 0);
  return {
    async changeTenth(round) {
      const count = TARGETS / 10;
      for (let i = 0; i < count; i++) await report((round * count + i) % TARGETS, round);
    },
  };
}
