import type { LabJobTask, LabReplication, LabSnapshotTask } from "./tasks-shapes.ts";
import { createSnapshots, type LabSnapshots } from "./snapshots.ts";
import { createCloudBackups, createCloudSyncs, createRsyncs } from "./tasks-jobs.ts";
import { createReplications, createSnapshotTasks } from "./tasks-zettarepl.ts";

/** The tasks, and the snapshots that they and others made. */
export interface TasksState {
  readonly snapshotTasks: LabSnapshotTask[];
  readonly replications: LabReplication[];
  readonly cloudSyncs: LabJobTask[];
  readonly rsyncs: LabJobTask[];
  readonly cloudBackups: LabJobTask[];
  readonly snapshots: LabSnapshots;
}

/** A healthy server's, as it is at `now` (Unix seconds). */
export function createTasksState(
  now: number,
  options: { readonly datasets: number; readonly snapshotsPerDataset: number },
): TasksState {
  return {
    snapshotTasks: createSnapshotTasks(now, options.datasets > 0),
    replications: createReplications(now),
    cloudSyncs: createCloudSyncs(now),
    rsyncs: createRsyncs(now),
    cloudBackups: createCloudBackups(now),
    snapshots: createSnapshots(now, options),
  };
}
