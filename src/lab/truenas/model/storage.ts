import { createDatasets } from "./datasets.ts";
import { createDisks } from "./disks.ts";
import { createPools } from "./pools.ts";
import type { LabDataset, LabDisk, LabPool, LabScrubTask } from "./storage-shape.ts";

/** Pools, disks and datasets. */
export interface StorageState {
  readonly pools: LabPool[];
  readonly bootPool: LabPool;
  readonly scrubTasks: LabScrubTask[];
  readonly disks: LabDisk[];
  /** Parents before their children. */
  readonly datasets: LabDataset[];
}

/** A healthy server's, as it is at `now` (Unix seconds). */
export function createStorageState(
  now: number,
  options: { readonly datasets: number; readonly snapshotsPerDataset: number },
): StorageState {
  return {
    ...createPools(now),
    disks: createDisks(),
    datasets: createDatasets(now, options.datasets),
  };
}
