import { z } from "zod";
import type { Guest } from "../guests.ts";
import { longestInterval } from "../schedule.ts";
import { looseFlag, looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";

const job = z
  .object({
    id: z.string(),
    enabled: z.unknown().optional(),
    schedule: looseText,
    dow: looseText,
    starttime: looseText,
    storage: looseText,
    vmid: looseText,
    all: looseFlag,
    exclude: looseText,
    pool: looseText,
    node: looseText,
    "next-run": looseNumber,
  })
  .transform(({ enabled, dow, starttime, "next-run": nextRun, ...same }) => ({
    ...same,
    nextRun,
    // a job is enabled unless it says otherwise
    enabled: looseFlag.parse(enabled ?? 1),
    schedule: same.schedule ?? legacySchedule(dow, starttime),
  }));

/** `/cluster/backup`. Source: https://pve.proxmox.com/pve-docs/api-viewer/#/cluster/backup */
export const jobsShape = rows(job);

/** One row of {@link jobsShape}; `enabled` is undefined when it is neither yes nor no. */
export type BackupJob = z.output<typeof job>;

/** `/cluster/backup-info/not-backed-up`. */
export const notBackedUpShape = rows(z.object({ vmid: looseText, type: looseText }));

/** What jobs do for a guest. */
interface Coverage {
  /** Undefined when a job that may cover the guest is not understood and no other covers it. */
  readonly covered: boolean | undefined;
  /** Of the most frequent of the jobs that cover it, in seconds. */
  readonly interval: number | undefined;
}

/** What the enabled ones of the jobs do for a guest. */
export function coverageOf(guest: Guest, jobs: readonly BackupJob[]): Coverage {
  const candidates = jobs.filter((each) => each.enabled !== false && covers(each, guest) !== false);
  const covering = candidates.filter((each) => each.enabled === true && covers(each, guest) === true);
  if (covering.length === 0) return { covered: candidates.length > 0 ? undefined : false, interval: undefined };
  const intervals = covering.map(({ schedule }) => (schedule === undefined ? undefined : longestInterval(schedule)));
  // Math.min is NaN, which is no value, when one of them is unknown
  return { covered: true, interval: Math.min(...intervals.map((interval) => interval ?? Number.NaN)) };
}

/**
 * Whether a job, enabled or not, names the guest; undefined when it does not say whom it covers.
 * Source: pve-manager, PVE::VZDump, get_included_guests
 */
export function covers(each: BackupJob, guest: Guest): boolean | undefined {
  if (each.node !== undefined && each.node !== "" && !guest.nodes.has(each.node)) return false;
  if (each.pool !== undefined && each.pool !== "") return guest.pools.has(each.pool);
  if (each.vmid !== undefined && each.vmid !== "") return lists(each.vmid, guest);
  return each.all === true ? !lists(each.exclude ?? "", guest) : undefined;
}

const lists = (text: string, { vmid }: Guest): boolean =>
  text.split(/[\s,;\0]+/).some((part) => part !== "" && Number(part) === vmid);

/** The schedule of a job from before Proxmox VE 7.1. */
function legacySchedule(dow: string | undefined, starttime: string | undefined): string | undefined {
  if (starttime === undefined) return undefined;
  return dow === undefined || dow === "*" ? starttime : `${dow} ${starttime}`;
}
