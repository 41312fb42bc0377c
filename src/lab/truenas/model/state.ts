import type { StorageState } from "./storage.ts";
import type { TasksState } from "./tasks.ts";
import type { SystemState } from "./system.ts";

/**
 * Everything that the emulated server knows, as plain data, in three rooms. Sizes are in bytes, times in seconds since
 * 1970 unless the name says otherwise.
 */
export interface NasState {
  /** Pools, vdevs, disks, datasets, snapshots. */
  readonly storage: StorageState;
  /** Snapshot, replication, cloud sync, rsync and cloud backup tasks. */
  readonly tasks: TasksState;
  /** The machine, services, alerts, apps, updates, certificates, keys, UPS, realtime figures. */
  readonly system: SystemState;
}
