import type { BackupState, LabDatastore, LabGroup, LabJob, LabNamespace, LabSnapshot } from "./model.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

/** How much there is of it. */
export interface WorldSize {
  readonly groups: number;
  readonly snapshots: number;
}

/**
 * A server that is well: three datastores, backups of last night, of which the offsite ones are all verified and the
 * others all but the newest. The same every time.
 */
export function createWorld(now: number, size: WorldSize): BackupState {
  return {
    version: { version: "4.1.0", release: "1", repoid: "1f0b2c3d4e5f6071" },
    datastores: [mainStore(now, size), offsiteStore(now, size), archiveStore(now)],
    jobs: createJobs(now),
    tasks: [
      { type: "backup", id: "main:vm/100", startedAt: now - 7 * HOUR, endedAt: now - 6 * HOUR, status: "OK" },
      { type: "garbage_collection", id: "main", startedAt: now - 5 * HOUR, endedAt: now - 4 * HOUR, status: "OK" },
      { type: "reader", id: "main:vm/101", startedAt: now - 60 },
    ],
    subscription: {
      status: "active",
      productname: "Proxmox Backup Server Basic 1 year",
      regdate: "2026-02-01 00:00:00",
      nextduedate: day(now + 200 * DAY),
      serverid: "0123456789ABCDEF0123456789ABCDEF",
    },
    host: {
      cpu: 0.07,
      wait: 0.013,
      uptime: 12 * DAY,
      loadavg: [0.42, 0.51, 0.6],
      memory: { total: 32 * GIB, used: 9 * GIB },
      swap: { total: 8 * GIB, used: 0 },
      root: { total: 100 * GIB, used: 22 * GIB },
    },
  };
}

const day = (at: number): string => new Date(at * 1000).toISOString().slice(0, 10);

/** Half of the groups in the root, a third in a namespace, the rest in one below it. */
function mainStore(now: number, { groups, snapshots }: WorldSize): LabDatastore {
  const names = ["", "site-a", "site-a/lab"];
  const namespaces = names.map((ns): LabNamespace => ({ ns, groups: [] }));
  for (let i = 0; i < groups; i += 1) {
    const place = i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2;
    namespaces[place]?.groups.push(createGroup(now, i, snapshots));
  }
  return {
    store: "main",
    total: 20 * TIB,
    used: 11 * TIB,
    mountStatus: "nonremovable",
    backendType: "filesystem",
    estimatedFull: now + 300 * DAY,
    garbage: createGarbage(90 * TIB, 10 * TIB),
    namespaces,
  };
}

function offsiteStore(now: number, { snapshots }: WorldSize): LabDatastore {
  return {
    store: "offsite",
    total: 8 * TIB,
    used: 4 * TIB,
    mountStatus: "mounted",
    backendType: "filesystem",
    estimatedFull: now - 400 * DAY,
    garbage: createGarbage(30 * TIB, 4 * TIB),
    namespaces: [{ ns: "", groups: [createGroup(now, 0, snapshots, "ok"), createGroup(now, 1, snapshots, "ok")] }],
  };
}

/** New: no garbage collection yet, and too little history for an estimate. */
const archiveStore = (now: number): LabDatastore => ({
  store: "archive",
  total: TIB,
  used: TIB / 10,
  mountStatus: "nonremovable",
  backendType: "s3",
  namespaces: [{ ns: "", groups: [createGroup(now, 2, 1)] }],
});

const createGarbage = (referredBytes: number, diskBytes: number) => ({
  referredBytes,
  diskBytes,
  pendingBytes: 12 * GIB,
  removedBytes: 40 * GIB,
  removedBad: 0,
  stillBad: 0,
});

const GROUP_TYPES = ["vm", "vm", "ct", "host"] as const;

function createGroup(now: number, i: number, count: number, newest?: "ok"): LabGroup {
  const type = GROUP_TYPES[i % GROUP_TYPES.length] ?? "vm";
  const id = type === "host" ? `host-${i}` : String(100 + i);
  const snapshots = Array.from({ length: count }, (_, age): LabSnapshot => {
    const verification = age === 0 ? newest : "ok";
    return { time: now - 6 * HOUR - age * DAY - (i % 60), size: (20 + i) * GIB, verification, comment: `guest-${id}` };
  });
  return { type, id, owner: "pve@pbs!backup", snapshots };
}

function createJobs(now: number): LabJob[] {
  const run = (hoursAgo: number, state = "OK") => ({
    startedAt: now - (hoursAgo + 1) * HOUR,
    endedAt: now - hoursAgo * HOUR,
    state,
  });
  return [
    { kind: "gc", id: "main", store: "main", schedule: "daily", run: run(4), nextRun: now + 20 * HOUR },
    { kind: "gc", id: "offsite", store: "offsite", schedule: "sat 02:00", run: run(30), nextRun: now + 90 * HOUR },
    { kind: "gc", id: "archive", store: "archive", schedule: "daily", nextRun: now + 12 * HOUR },
    {
      kind: "verify",
      id: "v-main-weekly",
      store: "main",
      schedule: "sun 04:00",
      run: run(20),
      nextRun: now + 60 * HOUR,
    },
    {
      kind: "sync",
      id: "s-offsite",
      store: "offsite",
      schedule: "hourly",
      remote: "branch",
      run: run(0.5),
      nextRun: now + 1800,
    },
    {
      kind: "prune",
      id: "default-main",
      store: "main",
      schedule: "daily",
      run: run(8, "WARNINGS: 2"),
      nextRun: now + 16 * HOUR,
    },
    { kind: "prune", id: "old-main", store: "main", schedule: "daily", disable: true },
  ];
}
