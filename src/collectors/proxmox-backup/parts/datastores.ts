import { minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { listRows, type BackupClient, type FinishedRun } from "../client.ts";
import { datastores, jobs } from "../metrics.ts";
import { mayRead } from "../permissions.ts";
import { datastoreUsageShape, gcJobShape, jobShape, type DatastoreUsage, type JobRow } from "../schema.ts";

/** Throws unless an empty list of datastores is the truth: without the privilege the list is empty too. */
export async function whenNoDatastores(client: BackupClient, signal: AbortSignal): Promise<never> {
  await mayRead(client, signal, "/datastore", "Datastore.Audit");
  throw new NoData("the server has no datastores");
}

/** `status/datastore-usage`: one call, which reads each datastore's file system once. */
export const datastoresPart: Part<BackupClient> = {
  id: "datastores",
  title: "Datastores",
  every: seconds(60),
  deadline: seconds(40),
  metrics: datastores,
  async collect(client, context) {
    const { rows } = await listRows(client, context, {
      path: "status/datastore-usage",
      row: datastoreUsageShape,
      key: ({ store }) => store,
      slow: true,
    });
    if (rows.length === 0) await whenNoDatastores(client, context.signal);
    for (const row of rows) recordDatastore(row, context);
  },
};

function recordDatastore(row: DatastoreUsage, context: CollectContext): void {
  const labels = { datastore: row.store };
  const isSized = row.total !== undefined && row.total > 0;
  context.record(datastores.usable, labels, row.error !== undefined ? false : isSized ? true : undefined);
  context.record(datastores.mounted, labels, MOUNTED.get(row["mount-status"]));
  const backend_type = row["backend-type"];
  if (backend_type !== undefined) context.record(datastores.info, { ...labels, backend_type }, 1);
  if (row.error !== undefined) return;
  if (isSized) {
    context.record(datastores.size, labels, row.total);
    context.record(datastores.used, labels, row.used);
    context.record(datastores.available, labels, row.avail);
  }
  const full = row["estimated-full-date"];
  context.record(datastores.estimatedFull, labels, full !== undefined && full * 1000 > Date.now() ? full : undefined);
  recordGarbage(row, context);
}

const MOUNTED: ReadonlyMap<string | undefined, boolean> = new Map([
  ["mounted", true],
  ["notmounted", false],
]);

function recordGarbage({ store: datastore, "gc-status": found }: DatastoreUsage, context: CollectContext): void {
  if (found?.upid === undefined) return;
  const { "index-data-bytes": referred, "disk-bytes": onDisk } = found;
  const factor = referred === undefined || onDisk === undefined || onDisk === 0 ? undefined : referred / onDisk;
  context.record(datastores.deduplication, { datastore }, factor);
  context.record(datastores.pending, { datastore }, found["pending-bytes"]);
  context.record(datastores.removed, { datastore }, found["removed-bytes"]);
  context.record(datastores.removedBad, { datastore }, found["removed-bad"]);
  context.record(datastores.stillBad, { datastore }, found["still-bad"]);
}

const KINDS = [
  ["gc", gcJobShape],
  ["verify", jobShape],
  ["sync", jobShape],
  ["prune", jobShape],
] as const;

/** The jobs of the server, each kind by one call; the lists hold what the token may see. */
export const jobsPart: Part<BackupClient> = {
  id: "jobs",
  title: "Garbage collection, verify, sync and prune jobs",
  every: minutes(5),
  deadline: minutes(3),
  metrics: jobs,
  async collect(client, context) {
    await mayRead(client, context.signal, "/datastore", "Datastore.Audit");
    const lists = KINDS.map(([kind, row]) =>
      optionally(context, `${kind} jobs`, async () => {
        const key = ({ store, id }: JobRow) => JSON.stringify([kind, store, id]);
        const { rows } = await listRows<JobRow>(client, context, { path: `admin/${kind}`, row, key, slow: true });
        for (const job of rows) recordJob(client, context, { kind, key: key(job), job });
      }),
    );
    await Promise.all(lists);
  },
};

interface KeyedJob {
  readonly kind: string;
  readonly key: string;
  readonly job: JobRow;
}

function recordJob(client: BackupClient, context: CollectContext, { kind, key, job }: KeyedJob): void {
  const labels = { kind, datastore: job.store, job_id: job.id };
  const { "last-run-state": state, "last-run-endtime": endedAt } = job;
  const isRunning = job["last-run-upid"] !== undefined && state === undefined && endedAt === undefined;
  if (!isRunning) client.finishedRuns.set(key, { state, endedAt });
  if (kind === "verify" && endedAt !== undefined)
    client.verifiedAt.set(job.store, Math.max(endedAt, client.verifiedAt.get(job.store) ?? 0));
  const run = client.finishedRuns.get(key);
  context.record(jobs.scheduled, labels, job.schedule !== undefined && job.disable !== true);
  context.record(jobs.running, labels, isRunning);
  context.record(jobs.success, labels, hasSucceeded(run));
  context.record(jobs.warnings, labels, warningsOf(run));
  context.record(jobs.lastRun, labels, run?.endedAt);
  context.record(jobs.nextRun, labels, job["next-run"]);
}

/** A run that was cut off, by a restart for example, is `unknown` to the server. */
function hasSucceeded(run: FinishedRun | undefined): boolean | undefined {
  if (run?.state === undefined || run.state === "unknown") return undefined;
  return warningsOf(run) !== undefined;
}

/** A number for a run that ended well. */
function warningsOf(run: FinishedRun | undefined): number | undefined {
  if (run?.state === "OK") return 0;
  const count = /^WARNINGS: (\d+)$/.exec(run?.state ?? "")?.[1];
  return count === undefined ? undefined : Number(count);
}
