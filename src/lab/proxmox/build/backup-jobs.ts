import type { BackupJob, PveGuest } from "../model.ts";
import type { World } from "./world.ts";
import { DAY, nextAt } from "./world.ts";

/** The names of the three jobs. */
export const JOBS = { daily: "backup-daily", pool: "backup-prod-weekly", disabled: "backup-old" };

/** How many guests the daily job leaves out; the disabled job names all but the last of them. */
const LEFT_OUT = 3;

/** The guests that the daily job leaves out: the last ones of no pool, or none of a small cluster. */
export function leftOut(guests: readonly PveGuest[]): PveGuest[] {
  const without = guests.filter(({ pool, template }) => pool === undefined && !template);
  return without.length > LEFT_OUT ? without.slice(-LEFT_OUT) : [];
}

/**
 * A daily job for all guests but a few, a weekly one for a pool, and a disabled one. The disabled job is the only one
 * to name some of those that the daily one leaves out, and one guest is named by none.
 */
export function buildBackupJobs(world: World, guests: readonly PveGuest[]): BackupJob[] {
  const out = leftOut(guests).map(({ vmid }) => vmid);
  return [
    {
      id: JOBS.daily,
      ...COMMON,
      enabled: 1,
      all: 1,
      ...(out.length > 0 && { exclude: out.join(",") }),
      storage: "pbs",
      schedule: "02:00",
      "prune-backups": { "keep-daily": "7", "keep-weekly": "4" },
      "next-run": nextAt(world, 2),
    },
    {
      // A job that was made before the key existed has no `enabled` and is enabled.
      id: JOBS.pool,
      ...COMMON,
      pool: "prod",
      storage: "nfs",
      schedule: "sun 04:00",
      compress: "zstd",
      "next-run": nextSunday(world) + 4 * 3600,
    },
    {
      id: JOBS.disabled,
      ...COMMON,
      enabled: 0,
      vmid: out.slice(0, -1).join(",") || "999",
      storage: "local",
      schedule: "sat 23:00",
      compress: "zstd",
    },
  ];
}

const COMMON = { type: "vzdump", mode: "snapshot", "notes-template": "{{guestname}}", "notification-mode": "auto" };

/** The next Sunday's midnight (UTC), in seconds since 1970; day 0 was a Thursday. */
function nextSunday({ now }: World): number {
  const day = Math.floor(now / DAY);
  return (day + 7 - ((day + 4) % 7)) * DAY;
}
