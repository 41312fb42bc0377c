import { minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { coverageOf, covers, jobsShape, notBackedUpShape, type BackupJob } from "../backups/coverage.ts";
import type { Inventory, ProxmoxClient } from "../client.ts";
import { guestsOf, type Guest } from "../guests.ts";
import { backupJobs } from "../metrics/backups.ts";

/** Backup jobs and which guests they cover. */
export const backupJobsPart: Part<ProxmoxClient> = {
  id: "backup-jobs",
  title: "Backup jobs and the guests that they cover",
  every: minutes(15),
  deadline: seconds(40),
  metrics: backupJobs,
  async collect(client, context) {
    const { signal } = context;
    const permissions = await client.permissions(signal, "now");
    if (!permissions.holds("Sys.Audit", "/")) throw new NoData("reading backup jobs takes Sys.Audit on /");
    const [inventory, jobs, notBackedUp] = await Promise.all([
      client.inventory(signal),
      client.askCluster("cluster/backup", jobsShape, signal),
      client.askCluster("cluster/backup-info/not-backed-up", notBackedUpShape, signal),
    ]);
    const guests = guestsOf(inventory.resources).filter(({ template }) => template !== true);
    const seesAll = permissions.holds("VM.Audit", "/vms");
    recordNotBackedUp(inventory, notBackedUp, seesAll, context);
    recordJobs(jobs, seesAll ? guests : undefined, context);
    recordCoverage(guests, jobs, context);
  },
};

/** Proxmox VE leaves out whom the token may not see, so that without all guests their number is not known. */
function recordNotBackedUp(
  { status }: Inventory,
  found: readonly { readonly vmid: string | undefined; readonly type: string | undefined }[],
  seesAll: boolean,
  context: CollectContext,
): void {
  const name = status.cluster?.name ?? status.nodes[0]?.name;
  if (name !== undefined && seesAll) context.record(backupJobs.notBackedUp, { id: `cluster/${name}` }, found.length);
  const ids = new Set(found.flatMap(({ type, vmid }) => (type && vmid ? `${type}/${vmid}` : [])));
  for (const id of ids) context.record(backupJobs.notBackedUpInfo, { id }, 1);
}

/** Without all guests, how many of them a job covers is not known. */
function recordJobs(jobs: readonly BackupJob[], guests: readonly Guest[] | undefined, context: CollectContext): void {
  for (const job of new Map(jobs.map((each) => [each.id, each])).values()) {
    const { id, storage = "", schedule = "", enabled } = job;
    context.record(backupJobs.jobInfo, { job_id: id, storage, schedule }, 1);
    context.record(backupJobs.jobEnabled, { job_id: id }, enabled);
    context.record(backupJobs.jobNextRun, { job_id: id }, enabled === false ? undefined : job.nextRun);
    const covered = guests?.map((guest) => covers(job, guest));
    const isKnown = covered?.includes(undefined) === false;
    context.record(backupJobs.jobGuests, { job_id: id }, isKnown ? covered?.filter(Boolean).length : undefined);
  }
}

/** A guest that may be a template is left out: its node is silent, and says so again when it is back. */
function recordCoverage(guests: readonly Guest[], jobs: readonly BackupJob[], context: CollectContext): void {
  for (const guest of guests) {
    if (guest.template === undefined) continue;
    const { covered, interval } = coverageOf(guest, jobs);
    context.record(backupJobs.covered, { id: guest.id }, covered);
    context.record(backupJobs.interval, { id: guest.id }, interval);
  }
}
