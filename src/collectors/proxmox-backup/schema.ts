import { z } from "zod";

/**
 * Shapes of the server's answers, as pbs-api-types declares them. Keys that nobody reads are left out and may be
 * anything; a value that is absent, null or no number is undefined, and a list's rows are read one by one.
 */

/** Every answer stands under `data`. */
export const answerShape = <T>(shape: z.ZodType<T>) => z.object({ data: shape }).transform(({ data }) => data);

const NUMBER = /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

function toNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && NUMBER.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A number, or a text that is one. */
const number = z.unknown().optional().transform(toNumber);
/** A count, size or share; servers before 2.4 write -1 for a size that they do not know. */
const amount = number.transform((value) => (value !== undefined && value >= 0 ? value : undefined));
/** Unix seconds; 0 stands for never. */
const timestamp = number.transform((value) => (value !== undefined && value > 0 ? value : undefined));
const text = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" && value !== "" ? value : undefined));
const flag = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "boolean" ? value : undefined));
const name = z.string().min(1);
/** The root namespace is the empty text, or left out. */
const namespace = z.string().optional().default("");
/** An object of which every part may be unknown. */
const loose = <S extends z.ZodRawShape>(shape: S) => z.object(shape).nullish().catch(undefined);

/** A list whose rows are read one by one by `listRows`. */
export const rowsShape = z.array(z.unknown());

/** `ping`, which needs no token. */
export const pingShape = z.object({ pong: z.literal(true) });

/** `version`. */
export const versionShape = z.object({ version: name, release: text, repoid: text });

const capacity = { total: amount, used: amount, avail: amount, free: amount };

/** `nodes/localhost/status`. */
export const nodeStatusShape = z.object({
  cpu: amount,
  wait: amount,
  uptime: amount,
  loadavg: z.array(amount).catch([]),
  memory: loose(capacity),
  swap: loose(capacity),
  root: loose(capacity),
});

/** What a garbage collection found; without `upid` none ever ran, and the rest is 0 for want of anything else. */
const gcStatus = loose({
  upid: text,
  "index-data-bytes": amount,
  "disk-bytes": amount,
  "removed-bytes": amount,
  "pending-bytes": amount,
  "removed-bad": amount,
  "still-bad": amount,
});

/** A row of `status/datastore-usage`. */
export const datastoreUsageShape = z.object({
  store: name,
  total: amount,
  used: amount,
  avail: amount,
  error: text,
  "mount-status": text,
  "backend-type": text,
  "estimated-full-date": timestamp,
  "gc-status": gcStatus,
});

/** One row of it. */
export type DatastoreUsage = z.output<typeof datastoreUsageShape>;

/** A row of `admin/datastore`. */
export const datastoreShape = z.object({ store: name, "mount-status": text, maintenance: text });

const runStatus = {
  schedule: text,
  "next-run": timestamp,
  "last-run-state": text,
  "last-run-endtime": timestamp,
};

/** A row of `admin/gc`: one for each datastore, scheduled or not. */
export const gcJobShape = z
  .object({ store: name, upid: text, ...runStatus })
  .transform((job) => ({ ...job, id: job.store, disable: undefined, "last-run-upid": job.upid }));

/** A row of `admin/verify`, `admin/sync` or `admin/prune`. */
export const jobShape = z.object({ id: name, store: name, disable: flag, "last-run-upid": text, ...runStatus });

/** Either kind of job. */
export type JobRow = z.output<typeof jobShape>;

/** A row of `admin/datastore/{store}/namespace`. */
export const namespaceShape = z.object({ ns: namespace });

/** A row of `admin/datastore/{store}/groups`. */
export const groupShape = z.object({
  "backup-type": name,
  "backup-id": name,
  "last-backup": timestamp,
  "backup-count": amount,
  owner: text,
});

/** A row of `admin/datastore/{store}/snapshots`; one without a size is unfinished or can not be read. */
export const snapshotShape = z.object({
  "backup-time": z.number().positive(),
  size: amount,
  comment: text,
  verification: loose({ state: text }),
});

/** One snapshot. */
export type SnapshotRow = z.output<typeof snapshotShape>;

/** A row of `nodes/localhost/tasks`; a task that still runs has neither `endtime` nor `status`. */
export const taskShape = z.object({ upid: name, worker_type: name, endtime: timestamp, status: text });

/** `nodes/localhost/subscription`; `nextduedate` is `YYYY-MM-DD`. */
export const subscriptionShape = z.object({
  status: text.transform((status) => status?.toLowerCase()),
  productname: text,
  nextduedate: text,
});

/** `access/permissions`: by path the privileges that the token has there, and whether they hold below it too. */
export const permissionsShape = z.record(z.string(), z.record(z.string(), z.unknown()));
