import type { LabAnswer } from "../exchange.ts";
import type { BackupState, LabCapacity, LabDatastore, LabGroup, LabJob, LabSnapshot, LabTask } from "./model.ts";

/** Rows as the server writes them: keys with dashes, what is not known left out. */

/** Success. */
export const data = (value: unknown): LabAnswer => ({
  status: 200,
  headers: { "content-type": "application/json;charset=UTF-8" },
  body: JSON.stringify({ data: value }),
});

/** A failure: the server writes plain text. */
export const failure = (status: number, text: string): LabAnswer => ({
  status,
  headers: { "content-type": "text/plain" },
  body: text,
});

const hex = (number: number, digits: number): string =>
  Math.floor(number).toString(16).toUpperCase().padStart(digits, "0");

/** The id of a task that began then. */
export const upid = (type: string, id: string, startedAt: number): string =>
  `UPID:pbs:000004D2:0000162E:00000001:${hex(startedAt, 8)}:${type}:${id.replaceAll("/", "-")}:root@pam:`;

/** A row of `status/datastore-usage`; `full` is false for a token that may see single namespaces only. */
export function usageRow(store: LabDatastore, full: boolean, now: number): object {
  const { used, total, error } = store;
  const head = { store: store.store, "mount-status": store.mountStatus, "backend-type": store.backendType };
  if (!full) return head;
  if (store.mountStatus === "notmounted") return { ...head, error: `datastore '${store.store}' is not mounted` };
  if (error !== undefined) return { ...head, error };
  return {
    ...head,
    total,
    used,
    avail: total - used,
    "gc-status": garbageRow(store),
    history: [null, used / total, used / total],
    "history-start": now - 86_400,
    "history-delta": 43_200,
    ...(store.estimatedFull !== undefined && { "estimated-full-date": store.estimatedFull }),
  };
}

/** Without a garbage collection all is 0. */
function garbageRow({ store, garbage }: LabDatastore): object {
  return {
    ...(garbage !== undefined && { upid: upid("garbage_collection", store, 1_700_000_000) }),
    "index-file-count": garbage === undefined ? 0 : 420,
    "index-data-bytes": garbage?.referredBytes ?? 0,
    "disk-bytes": garbage?.diskBytes ?? 0,
    "disk-chunks": garbage === undefined ? 0 : 2_400_000,
    "removed-bytes": garbage?.removedBytes ?? 0,
    "removed-chunks": 0,
    "pending-bytes": garbage?.pendingBytes ?? 0,
    "pending-chunks": 0,
    "removed-bad": garbage?.removedBad ?? 0,
    "still-bad": garbage?.stillBad ?? 0,
  };
}

/** A row of `admin/datastore`. */
export const storeRow = ({ store, mountStatus, maintenance, backendType }: LabDatastore): object => ({
  store,
  comment: null,
  "mount-status": mountStatus,
  ...(maintenance !== undefined && { maintenance }),
  "backend-type": backendType,
});

/** A row of `admin/{kind}`. A job that runs tells its task and nothing of the run before. */
export function jobRow(job: LabJob, store: LabDatastore | undefined): object {
  const { run, nextRun } = job;
  const status = {
    ...(job.schedule !== undefined && { schedule: job.schedule }),
    ...(nextRun !== undefined && { "next-run": nextRun }),
    ...(run?.state !== undefined && { "last-run-state": run.state }),
    ...(run?.endedAt !== undefined && { "last-run-endtime": run.endedAt }),
  };
  if (job.kind === "gc") return { store: job.store, ...(store && garbageRow(store)), ...status };
  return {
    id: job.id,
    store: job.store,
    ...(job.disable === true && { disable: true }),
    ...(job.remote !== undefined && { remote: job.remote, "remote-store": "main" }),
    ...(run !== undefined && { "last-run-upid": upid(`${job.kind}job`, `${job.store}:${job.id}`, run.startedAt) }),
    ...status,
  };
}

/** A row of `groups`: the newest backup that is finished. */
export function groupRow({ type, id, owner, snapshots }: LabGroup): object {
  const times = snapshots.filter(({ size }) => size !== undefined).map(({ time }) => time);
  return {
    "backup-type": type,
    "backup-id": id,
    "last-backup": Math.max(...(times.length > 0 ? times : snapshots.map(({ time }) => time))),
    "backup-count": snapshots.length,
    files: ["index.json.blob", "drive-scsi0.img.fidx"],
    owner,
  };
}

/** A row of `snapshots`. */
export const snapshotRow = ({ type, id, owner }: LabGroup, snapshot: LabSnapshot): object => ({
  "backup-type": type,
  "backup-id": id,
  "backup-time": snapshot.time,
  ...(snapshot.comment !== undefined && { comment: snapshot.comment }),
  ...(snapshot.verification !== undefined && {
    verification: { upid: upid("verificationjob", "main", snapshot.time), state: snapshot.verification },
  }),
  files: [{ filename: "index.json.blob", "crypt-mode": "none", size: 512 }],
  ...(snapshot.size !== undefined && { size: snapshot.size }),
  owner,
  protected: false,
});

/** A row of `nodes/localhost/tasks`. */
export const taskRow = ({ type, id, startedAt, endedAt, status }: LabTask): object => ({
  upid: upid(type, id, startedAt),
  node: "localhost",
  pid: 1234,
  pstart: 5678,
  starttime: startedAt,
  worker_type: type,
  worker_id: id,
  user: "root@pam",
  ...(endedAt !== undefined && { endtime: endedAt }),
  ...(status !== undefined && { status }),
});

/** `nodes/localhost/status`. */
export function hostAnswer({ host }: BackupState): object {
  const free = ({ total, used }: LabCapacity) => ({ total, used, free: total - used });
  return {
    cpu: host.cpu,
    wait: host.wait,
    uptime: host.uptime,
    loadavg: host.loadavg,
    memory: free(host.memory),
    swap: free(host.swap),
    root: { total: host.root.total, used: host.root.used, avail: host.root.total - host.root.used },
    kversion: "Linux 6.14.11-4-pve",
    cpuinfo: { model: "Lab CPU", sockets: 1, cpus: 8 },
    info: { fingerprint: "00:11:22:33" },
    "boot-info": { mode: "efi", secureboot: false },
  };
}
