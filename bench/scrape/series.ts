import { setImmediate } from "node:timers/promises";
import { gauge, type Family, type Snapshot } from "../../src/core/metric.ts";

export const FAMILIES = 50;
export const TARGETS = 20;
export const LABELS = ["node", "id", "device"] as const;

/** The families of every contender. */
export const METRICS = Array.from({ length: FAMILIES }, (_, i) =>
  gauge(`pve_bench_${String(i).padStart(2, "0")}_value`, { help: `Bench value ${i}`, labels: LABELS }),
);

export const targetName = (target: number): string => `cluster-${target}`;

/** Label values of one of the series of a family; those of all families and targets are alike. */
export const labelValues = (i: number): [node: string, id: string, device: string] => [
  `node-${i % 8}`,
  `qemu/${100 + i}`,
  `scsi${i % 3}`,
];

/** A value with the digits that a measured one has; another one in each round. */
export const valueOf = (target: number, family: number, i: number, round: number): number =>
  Math.round((Math.sin(target * 31 + family * 17 + i * 7 + round) + 1) * 5e8) / 1_000;

/**
 * What a poll of one target finds: its share of `total` series over all families. Made in small steps, so that a
 * measured stall is not the bench's own.
 */
export async function makeSnapshot(target: number, total: number, round: number): Promise<Snapshot> {
  const perFamily = total / FAMILIES / TARGETS;
  const families: Family[] = [];
  for (const [family, metric] of METRICS.entries()) {
    const samples = Array.from({ length: perFamily }, (_, i) => ({
      labels: labelValues(i),
      value: valueOf(target, family, i, round),
    }));
    families.push({ metric, samples });
    await setImmediate();
  }
  return { families, takenAt: Date.now() };
}
