import type { BackupVolume, PveGuest, WireRow } from "../model.ts";
import { backupTime, buildNights, dailyGuests } from "./nights.ts";
import type { World } from "./world.ts";
import { DAY, GIB, HOUR, lastAt } from "./world.ts";

/** How many days of backups the backup server has kept of each guest. */
const DAYS_KEPT = 3;

/** A guest that is gone and whose backups are still there. */
export const ORPHAN_VMID = 9999;

/**
 * The backups of a new cluster: of every guest of the daily job the last days on the backup server, of the pool `prod`
 * one on the NFS share, one old local backup, and one of a guest that is gone. All but the newest are verified.
 */
export function buildBackups(world: World, guests: readonly PveGuest[]): BackupVolume[] {
  const nights = buildNights(world, guests, DAYS_KEPT);
  const newest = lastAt(world, 2);
  const pbs = nights.flatMap((night) =>
    night.guests.map((guest, position) => onServer(world, guest, backupTime(night, position), night.start < newest)),
  );
  const pool = guests.filter((guest) => guest.pool === "prod");
  const files = pool.map((guest, index) => file(world, "nfs", guest, lastSunday(world) + 4 * HOUR + index * 3));
  const [first] = dailyGuests(guests);
  const old = first === undefined ? [] : [{ ...file(world, "local", first, newest - 40 * DAY), node: first.node }];
  const gone = onServer(world, { vmid: ORPHAN_VMID, type: "qemu", name: "gone" }, newest - 120 * DAY, true);
  return [...pbs, ...files, ...old, gone];
}

type Owner = Pick<PveGuest, "vmid" | "type" | "name">;

/** A backup on Proxmox Backup Server, made then (seconds since 1970). */
function onServer({ random }: World, guest: Owner, ctime: number, verified: boolean): BackupVolume {
  const kind = guest.type === "qemu" ? "vm" : "ct";
  const time = new Date(ctime * 1000).toISOString().replace(".000Z", "Z");
  const row: WireRow = {
    volid: `pbs:backup/${kind}/${guest.vmid}/${time}`,
    content: "backup",
    format: `pbs-${kind}`,
    subtype: guest.type,
    vmid: guest.vmid,
    ctime,
    size: random.whole(2, 40) * GIB + random.whole(0, 65_536),
    notes: guest.name,
    ...(guest.vmid % 13 === 0 && { protected: 1 }),
    ...(guest.vmid % 7 === 0 && {
      encrypted: "0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:c6:d7:e8:f9:0a:1b:2c:3d:4e:5f:60:71:82:93:a4:b5:c6:d7:e8:f9",
    }),
    ...(verified && { verification: { state: "ok", upid: verificationUpid(ctime) } }),
  };
  return { storage: "pbs", vmid: guest.vmid, row };
}

/** A backup in a file, made then (seconds since 1970). */
function file({ random }: World, storage: string, guest: Owner, ctime: number): BackupVolume {
  const suffix = guest.type === "qemu" ? "vma.zst" : "tar.zst";
  const stamp = new Date(ctime * 1000).toISOString().slice(0, 19).replace("T", "-").replaceAll(/[-:]/g, "_");
  const [year, month, day, ...clock] = stamp.split("_");
  const name = `vzdump-${guest.type}-${guest.vmid}-${year}_${month}_${day}-${clock.join("_")}.${suffix}`;
  const row: WireRow = {
    volid: `${storage}:backup/${name}`,
    content: "backup",
    format: suffix,
    subtype: guest.type,
    vmid: guest.vmid,
    ctime,
    size: random.whole(1, 20) * GIB,
    notes: guest.name,
  };
  return { storage, vmid: guest.vmid, row };
}

/** The task of the backup server that verified a backup made then (seconds since 1970). */
export function verificationUpid(ctime: number): string {
  const start = (ctime + 4 * HOUR).toString(16).toUpperCase();
  return `UPID:pbs:000002D1:0000A1B2:00000007:${start}:verificationjob:store\\x3av-daily:root@pam:`;
}

/** The last Sunday's midnight (UTC) with its fifth hour passed, in seconds since 1970; day 0 was a Thursday. */
function lastSunday({ now }: World): number {
  const day = Math.floor((now - 5 * HOUR) / DAY);
  return (day - ((day + 4) % 7)) * DAY;
}
