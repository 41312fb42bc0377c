import type { TasksState } from "../model/tasks.ts";
import type { LabJob, LabJobTask, LabReplication, LabSnapshotTask, LabTaskState } from "../model/tasks-shapes.ts";
import type { LabMethod, LabMethods, MethodContext } from "./contract.ts";
import { snapshotsMethods } from "./snapshots.ts";
import { answerQuery } from "./storage-query.ts";

type Row = Readonly<Record<string, unknown>>;

/**
 * What the server answers of tasks and snapshots. Sources: the plugins `snapshot`, `replication`, `cloud_sync`,
 * `rsync`, `cloud_backup` and `zettarepl` of https://github.com/truenas/middleware
 */
export const tasksMethods: LabMethods = {
  ...snapshotsMethods,
  "pool.snapshottask.query": queryOf("SNAPSHOT_TASK_READ", (context) =>
    context.state.tasks.snapshotTasks.map((task) => snapshotTaskRow(context, task)),
  ),
  "replication.query": queryOf("REPLICATION_TASK_READ", (context) =>
    context.state.tasks.replications.map((task) => replicationRow(context, task)),
  ),
  "cloudsync.query": jobTasks("CLOUD_SYNC_READ", "cloudsync.sync", ({ cloudSyncs }) => cloudSyncs),
  "rsynctask.query": jobTasks("SNAPSHOT_TASK_READ", "rsynctask.run", ({ rsyncs }) => rsyncs),
  "cloud_backup.query": jobTasks("CLOUD_BACKUP_READ", "cloud_backup.sync", ({ cloudBackups }) => cloudBackups),
};

function queryOf(role: string, rows: (context: MethodContext) => readonly Row[]): LabMethod {
  return { role, call: (context) => answerQuery(rows(context), context.params) };
}

function jobTasks(role: string, method: string, of: (tasks: TasksState) => readonly LabJobTask[]): LabMethod {
  return queryOf(role, (context) => of(context.state.tasks).map((task) => jobTaskRow(context, task, method)));
}

function snapshotTaskRow(context: MethodContext, task: LabSnapshotTask): Row {
  return {
    id: task.id,
    dataset: task.dataset,
    recursive: task.recursive,
    exclude: task.exclude,
    lifetime_value: task.lifetimeValue,
    lifetime_unit: task.lifetimeUnit,
    naming_schema: task.namingSchema,
    allow_empty: task.allowEmpty,
    enabled: task.enabled,
    schedule: task.schedule,
    vmware_sync: false,
    state: stateOf(context, task.state),
  };
}

function replicationRow(context: MethodContext, task: LabReplication): Row {
  const followed = context.state.tasks.snapshotTasks.filter(({ id }) => task.periodicSnapshotTasks.includes(id));
  return {
    id: task.id,
    name: task.name,
    direction: task.direction,
    transport: task.transport,
    ssh_credentials:
      task.transport === "LOCAL" ? null : { id: 3, name: "offsite", type: "SSH_CREDENTIALS", attributes: "********" },
    source_datasets: task.sourceDatasets,
    target_dataset: task.targetDataset,
    recursive: true,
    exclude: [],
    // here a task's state is the text that the database has, and no object
    periodic_snapshot_tasks: followed.map((one) => ({
      ...snapshotTaskRow(context, one),
      vmware_sync: undefined,
      state: "{}",
    })),
    naming_schema: [],
    also_include_naming_schema: [],
    auto: task.auto,
    schedule: task.schedule ?? null,
    restrict_schedule: task.restrictSchedule ?? null,
    only_matching_schedule: false,
    retention_policy: "SOURCE",
    encryption_key: null,
    enabled: task.enabled,
    state: stateOf(context, task.state),
    job: jobRow(context, task.job, "replication.run", task.id),
    has_encrypted_dataset_keys: false,
  };
}

function jobTaskRow(context: MethodContext, task: LabJobTask, method: string): Row {
  const isRsync = method === "rsynctask.run";
  return {
    id: task.id,
    [isRsync ? "desc" : "description"]: task.description,
    path: task.path,
    schedule: task.schedule,
    enabled: task.enabled,
    locked: task.locked,
    job: jobRow(context, task.job, method, task.id),
    ...task.details,
  };
}

const stateOf = ({ date }: MethodContext, { datetime, ...state }: LabTaskState): Row => ({
  ...state,
  ...(datetime !== undefined && { datetime: date(datetime) }),
});

function jobRow({ date }: MethodContext, job: LabJob | undefined, method: string, taskId: number): Row | null {
  if (job === undefined) return null;
  return {
    id: job.id,
    method,
    arguments: [taskId],
    description: null,
    abortable: true,
    logs_path: `/var/log/jobs/${job.id}.log`,
    logs_excerpt: job.error ?? "",
    progress: { percent: job.percent, description: job.state === "RUNNING" ? "Transferring" : "", extra: null },
    result: null,
    error: job.error ?? null,
    exception: null,
    exc_info: null,
    state: job.state,
    time_started: date(job.startedAt),
    time_finished: job.finishedAt === undefined ? null : date(job.finishedAt),
  };
}
