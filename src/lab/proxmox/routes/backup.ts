import type { Exchange } from "../exchange.ts";
import type { BackupJob, PveGuest, WireRow } from "../model.ts";
import type { Route } from "./route.ts";

/** The backup jobs, and who is in none of them. */
export const BACKUP_ROUTES: readonly Route[] = [
  {
    path: "/cluster/backup",
    handle: (exchange) => {
      exchange.need("/", "Sys.Audit");
      return exchange.state.backupJobs;
    },
  },
  { path: "/cluster/backup-info/not-backed-up", handle: notBackedUp },
];

/** Disabled jobs count as cover, and templates as guests, as they do in a real cluster. */
function notBackedUp(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  const { guests, backupJobs } = exchange.state;
  const isFree = (guest: PveGuest): boolean => !backupJobs.some((job) => covers(job, guest));
  const seen = new Set<number>();
  return guests
    .filter(({ vmid }) => exchange.mayGuest(vmid, "VM.Audit"))
    .filter(isFree)
    .filter(({ vmid }) => !seen.has(vmid) && seen.add(vmid))
    .map(({ vmid, name, type }) => ({ vmid, name, type }));
}

function covers(job: BackupJob, { vmid, pool, node }: PveGuest): boolean {
  if (job.node !== undefined && job.node !== node) return false;
  const numbers = (text: string | undefined): string[] => text?.split(",") ?? [];
  if (job.all === 1) return !numbers(job.exclude).includes(String(vmid));
  if (job.pool !== undefined) return pool === job.pool;
  return numbers(job.vmid).includes(String(vmid));
}
