import type { z } from "zod";
import { cloudTask, replication, rsync, snapshotTask, type TaskRow } from "./task-rows.ts";

/** The kinds of tasks, as the label has them. */
type TaskKind = "snapshot" | "replication" | "cloud_sync" | "rsync" | "cloud_backup";

/** How the tasks of one kind are asked for and read. */
export interface TaskSource {
  readonly kind: TaskKind;
  /** Of a failure: what is missing. */
  readonly title: string;
  readonly method: string;
  /** Names of keys, so that no credential is ever sent. */
  readonly select: readonly string[];
  readonly row: z.ZodType<TaskRow>;
}

const JOB_KEYS = ["id", "path", "schedule", "enabled", "locked", "job"];

/** Every kind of task that a release has. */
export const TASK_SOURCES: readonly TaskSource[] = [
  {
    kind: "snapshot",
    title: "periodic snapshot tasks",
    method: "pool.snapshottask.query",
    select: ["id", "dataset", "enabled", "allow_empty", "naming_schema", "schedule", "state"],
    row: snapshotTask,
  },
  {
    kind: "replication",
    title: "replication tasks",
    method: "replication.query",
    select: [
      "id",
      "name",
      "direction",
      "transport",
      "source_datasets",
      "target_dataset",
      "auto",
      "schedule",
      "restrict_schedule",
      "periodic_snapshot_tasks",
      "naming_schema",
      "also_include_naming_schema",
      "enabled",
      "state",
      "job",
    ],
    row: replication,
  },
  {
    kind: "cloud_sync",
    title: "cloud sync tasks",
    method: "cloudsync.query",
    select: [...JOB_KEYS, "description", "direction", "attributes"],
    row: cloudTask,
  },
  {
    kind: "rsync",
    title: "rsync tasks",
    method: "rsynctask.query",
    select: [...JOB_KEYS, "desc", "direction", "mode", "remotehost", "remotepath", "remotemodule"],
    row: rsync,
  },
  {
    kind: "cloud_backup",
    title: "cloud backup tasks",
    method: "cloud_backup.query",
    select: [...JOB_KEYS, "description", "attributes"],
    row: cloudTask,
  },
];
