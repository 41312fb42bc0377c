import { z } from "zod";
import { looseFlag, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import type { CrontabFields } from "./crontab.ts";
import { engineState, job, jobState, loosely, zettareplState, type Job, type TaskState } from "./task-states.ts";

/** When a task runs by itself. */
export interface TaskTimes {
  readonly own: CrontabFields | undefined;
  /** Of a replication: it runs after these snapshot tasks, when the other bound allows it. */
  readonly follows?: readonly CrontabFields[];
  readonly within?: CrontabFields | undefined;
}

/** A task of any kind; what is undefined was not told. */
export interface TaskRow {
  readonly id: string;
  readonly name: string | undefined;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly enabled: boolean | undefined;
  readonly times: TaskTimes;
  readonly state: TaskState;
  /** Of a snapshot task: whose snapshots, and how they are named; undefined when it does not always make one. */
  readonly makes?: { readonly dataset: string; readonly schema: string } | undefined;
  /** Of a replication that sends: how the snapshots are named that it may send. */
  readonly sends?: readonly string[] | undefined;
}

const id = looseText.refine((text): text is string => text !== undefined && text !== "");

const fields = z.object({
  minute: looseText,
  hour: looseText,
  dom: looseText,
  month: looseText,
  dow: looseText,
  begin: looseText,
  end: looseText,
});

const schedule = z
  .unknown()
  .optional()
  .transform((value): CrontabFields | undefined => {
    const { minute, hour, dom, month, dow, begin, end } = fields.safeParse(value).data ?? {};
    if (minute === undefined || hour === undefined || dom === undefined || month === undefined || dow === undefined)
      return undefined;
    return { minute, hour, dom, month, dow, begin, end };
  });

const texts = z
  .unknown()
  .optional()
  .transform((value): readonly string[] | undefined =>
    Array.isArray(value) ? value.filter((each) => typeof each === "string") : undefined,
  );

/** `pool.snapshottask.query`. */
export const snapshotTask = z
  .object({
    id,
    dataset: looseText,
    enabled: looseFlag,
    allow_empty: looseFlag,
    naming_schema: looseText,
    schedule,
    state: engineState,
  })
  .transform((task): TaskRow => {
    const { dataset, naming_schema: schema } = task;
    const isSure = dataset !== undefined && schema !== undefined && task.allow_empty === true;
    return {
      id: task.id,
      name: dataset,
      source: dataset,
      destination: "",
      enabled: task.enabled,
      times: { own: task.schedule },
      state: zettareplState(task.state),
      makes: isSure ? { dataset, schema } : undefined,
    };
  });

const boundTasks = rows(z.object({ enabled: looseFlag, schedule, naming_schema: looseText }));

interface NamingSchemas {
  readonly naming_schema: readonly string[] | undefined;
  readonly also_include_naming_schema: readonly string[] | undefined;
  readonly periodic_snapshot_tasks: readonly { readonly naming_schema: string | undefined }[];
}

const schemasOf = (task: NamingSchemas): readonly string[] => [
  ...task.periodic_snapshot_tasks.flatMap(({ naming_schema: schema }) => schema ?? []),
  ...(task.naming_schema ?? []),
  ...(task.also_include_naming_schema ?? []),
];

/** `replication.query`. */
export const replication = z
  .object({
    id,
    name: looseText,
    direction: looseText,
    transport: looseText,
    source_datasets: texts,
    target_dataset: looseText,
    auto: looseFlag,
    schedule,
    restrict_schedule: schedule,
    periodic_snapshot_tasks: boundTasks.catch([]),
    naming_schema: texts,
    also_include_naming_schema: texts,
    enabled: looseFlag,
    state: engineState,
    job,
  })
  .transform((task): TaskRow => {
    const remote = task.transport === "LOCAL" ? "" : "remote:";
    const source = task.source_datasets?.join(", ");
    const followed = task.periodic_snapshot_tasks.flatMap(({ enabled, schedule: times }) =>
      enabled !== false && times !== undefined ? [times] : [],
    );
    return {
      id: task.id,
      name: task.name,
      source: source === undefined ? undefined : `${task.direction === "PULL" ? remote : ""}${source}`,
      destination:
        task.target_dataset === undefined
          ? undefined
          : `${task.direction === "PUSH" ? remote : ""}${task.target_dataset}`,
      enabled: task.enabled,
      times:
        task.auto === true
          ? { own: task.schedule, follows: followed, within: task.restrict_schedule }
          : { own: undefined },
      state: zettareplState(task.state, task.job),
      sends: task.direction === "PUSH" ? schemasOf(task) : undefined,
    };
  });

const jobFields = { id, path: looseText, schedule, enabled: looseFlag, locked: looseFlag, job };

interface JobTask {
  readonly id: string;
  readonly path: string | undefined;
  readonly schedule: CrontabFields | undefined;
  readonly enabled: boolean | undefined;
  readonly locked: boolean | undefined;
  readonly job: Job | null | undefined;
}

/** `called` is what a person wrote; a task that nobody gave a name is called by its path. */
function jobTask(task: JobTask, called: string | undefined, isPull: boolean, elsewhere: string | undefined): TaskRow {
  return {
    id: task.id,
    name: called === "" ? task.path : called,
    source: isPull ? elsewhere : task.path,
    destination: isPull ? task.path : elsewhere,
    enabled: task.enabled,
    times: { own: task.schedule },
    state: jobState(task.job, task.locked),
  };
}

const bucketShape = loosely(z.object({ bucket: looseText, folder: looseText }));

function bucketOf(attributes: z.output<typeof bucketShape>): string | undefined {
  if (attributes === undefined) return undefined;
  return [attributes.bucket, attributes.folder].flatMap((part) => part?.replaceAll(/^\/+|\/+$/g, "") || []).join("/");
}

/** `cloudsync.query` and `cloud_backup.query`. */
export const cloudTask = z
  .object({ ...jobFields, description: looseText, direction: looseText, attributes: bucketShape })
  .transform((task) => jobTask(task, task.description, task.direction === "PULL", bucketOf(task.attributes)));

/** `rsynctask.query`. */
export const rsync = z
  .object({
    ...jobFields,
    desc: looseText,
    direction: looseText,
    mode: looseText,
    remotehost: looseText,
    remotepath: looseText,
    remotemodule: looseText,
  })
  .transform((task) => {
    // A user's name before the host is nobody's concern.
    const host = task.remotehost?.replace(/^.*@/, "");
    const isModule = task.mode === "MODULE";
    const path = (isModule ? task.remotemodule : task.remotepath) ?? "";
    const elsewhere = host === undefined ? path : `${host}${isModule ? "::" : ":"}${path}`;
    return jobTask(task, task.desc, task.direction === "PULL", elsewhere);
  });
