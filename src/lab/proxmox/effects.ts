import { backupLog } from "./build/backup-log.ts";
import { verificationUpid } from "./build/backups.ts";
import { dailyGuests } from "./build/nights.ts";
import { DAILY_ARGUMENTS } from "./build/tasks.ts";
import type { ProxmoxState, PveGuest, PveNode, WireRow } from "./model.ts";

/** The first item; throws a RangeError when there is none. */
export function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new RangeError("the lab's cluster is too small for this scenario");
  return first;
}

/** The second item; throws a RangeError when there is none. */
export const secondOf = <T>(items: readonly T[]): T => firstOf(items.slice(1));
/** The last item; throws a RangeError when there is none. */
export const lastOf = <T>(items: readonly T[]): T => firstOf(items.slice(-1));

/** The first guest is on two nodes at once, under one number. */
export function startMigration(guests: PveGuest[], nodes: readonly PveNode[]): void {
  const guest = firstOf(guests);
  const target = nodes.find(({ name }) => name !== guest.node);
  guest.lock = "migrate";
  if (target === undefined) throw new RangeError("a migration needs two nodes");
  const { snapshots, config, pressure, ...rest } = guest;
  guests.push({
    ...rest,
    node: target.name,
    snapshots: [...snapshots],
    config: { ...config },
    pressure: { ...pressure },
  });
}

/** Every disk says something else about its wear. */
export function oddWear(nodes: readonly PveNode[]): void {
  const odd: readonly WireRow[] = [
    { wearout: "N/A" },
    { wearout: "87" },
    { wearout: null, "osdid-list": null },
    { wearout: "", rpm: -1, gpt: "1" },
    { wearout: 100, "osdid-list": null, serial: null },
  ];
  nodes.flatMap(({ disks }) => disks).forEach((disk, index) => Object.assign(disk, odd[index % odd.length]));
}

/** The first guest of the newest backup of several fails, and has no backup of that night. */
export function failBackup(state: ProxmoxState): void {
  const task = firstOf(state.tasks.filter(({ type, id }) => type === "vzdump" && id === ""));
  const here = dailyGuests(state.guests).filter((guest) => guest.node === task.node);
  const { vmid: victim } = firstOf(here);
  const error = `VM ${victim} qmp command 'backup' failed - got timeout`;
  const guests = here.map(({ vmid, type, name }) => ({ vmid, type, name, ...(vmid === victim && { error }) }));
  const start = task.starttime;
  const secondsEach = Math.floor(((task.endtime ?? start) - start) / guests.length);
  const log = backupLog({ arguments: DAILY_ARGUMENTS, guests, skipped: [], start, secondsEach });
  Object.assign(task, { status: "job errors", log });
  removeNewest(state.backups, victim, start);
}

/** A backup that failed left nothing behind. */
function removeNewest(backups: ProxmoxState["backups"], vmid: number, since: number): void {
  const index = backups.findIndex(
    (one) => one.storage === "pbs" && one.vmid === vmid && Number(one.row["ctime"]) >= since,
  );
  if (index !== -1) backups.splice(index, 1);
}

/** The newest backup of the first guest on the backup server is damaged. */
export function failVerification({ backups, guests }: ProxmoxState): void {
  const { vmid } = firstOf(guests);
  const own = backups.filter((one) => one.storage === "pbs" && one.vmid === vmid);
  const newest = firstOf(own.toSorted((a, b) => Number(b.row["ctime"]) - Number(a.row["ctime"])));
  newest.row["verification"] = { state: "failed", upid: verificationUpid(Number(newest.row["ctime"])) };
}

/** The first job has failed three times since its last success, an hour before its last try. */
export function failReplication({ replicationJobs }: ProxmoxState): void {
  const { state, target } = firstOf(replicationJobs);
  const tried = Number(state["last_try"]);
  Object.assign(state, {
    last_sync: tried - 3600,
    next_sync: tried + 1800,
    fail_count: 3,
    error: `command 'zfs recv' on '${target}' failed: exit code 255`,
  });
}

/** A disk of the node's first pool is faulted. */
export function degrade({ zpools }: PveNode): void {
  const pool = firstOf(zpools);
  pool.list["health"] = "DEGRADED";
  const child = (row: WireRow): WireRow => firstOf((row["children"] ?? []) as WireRow[]);
  const top = child(pool.detail);
  const mirror = child(top);
  Object.assign(pool.detail, {
    state: "DEGRADED",
    status: "One or more devices could not be used because the label is missing or invalid.",
    action: "Replace the device using 'zpool replace'.",
    errors: "No known data errors",
  });
  Object.assign(top, { state: "DEGRADED" });
  Object.assign(mirror, { state: "DEGRADED" });
  // zpool prints 1.2K, of which the API makes 1.2.
  Object.assign(child(mirror), { state: "FAULTED", read: 1.2, write: 37, cksum: 0, msg: "too many errors" });
}

/** One disk of Ceph is down. */
export function warnCeph(ceph: WireRow | undefined): void {
  if (ceph === undefined) throw new RangeError("the lab's cluster has no Ceph");
  const osdmap = ceph["osdmap"] as { num_osds: number; num_up_osds: number };
  osdmap.num_up_osds = osdmap.num_osds - 1;
  ceph["health"] = {
    status: "HEALTH_WARN",
    checks: {
      OSD_DOWN: { severity: "HEALTH_WARN", summary: { message: "1 osds down", count: 1 }, muted: false },
      PG_DEGRADED: {
        severity: "HEALTH_WARN",
        summary: {
          message: "Degraded data redundancy: 51234/153702 objects degraded (33.333%), 129 pgs degraded",
          count: 129,
        },
        muted: false,
      },
    },
    mutes: [],
  };
  Object.assign(ceph["pgmap"] as WireRow, {
    pgs_by_state: [{ state_name: "active+undersized+degraded", count: 129 }],
    degraded_objects: 51_234,
    degraded_total: 153_702,
    degraded_ratio: 51_234 / 153_702,
  });
}

/** The number belongs to a container on another node from now on. */
export function reuse(guest: PveGuest, nodes: readonly PveNode[]): void {
  const other = nodes.find(({ name }) => name !== guest.node)?.name ?? guest.node;
  Object.assign(guest, {
    type: "lxc",
    name: "newcomer",
    node: other,
    uptime: 12,
    netin: 1024,
    netout: 2048,
    disk: 1024 ** 3,
  });
  guest.snapshots = [];
}
