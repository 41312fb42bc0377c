import type { TrueNasLab, TrueNasScenario } from "../contract.ts";
import { labGroup, labLeaf } from "../model/pools.ts";
import type { LabDataset, LabDisk, LabPool, LabScan, LabVdev } from "../model/storage-shape.ts";

const DAY = 86_400;

/** What may happen to pools, disks and datasets. */
export const storageScenarios = {
  detached_mirror: {
    help: "detaches a disk from the first mirror of `tank`: a bare disk is left, and the pool stays ONLINE",
    run: async (lab) => {
      const { data } = tankOf(lab).topology;
      const left = data[0]?.children[0];
      if (left !== undefined) data[0] = left;
    },
  },
  removed_disk: {
    help: "pulls a disk out of the raidz2 of `backup`: it is REMOVED, and the pool DEGRADED",
    run: async (lab) => {
      const pool = poolOf(lab, "backup");
      const [vdev] = pool.topology.data;
      const disk = vdev?.children[2];
      if (vdev === undefined || disk?.disk === undefined) return;
      lose(lab, disk, "REMOVED");
      degrade(pool, vdev, "REMOVED_DEV", "One or more devices have been removed by the administrator.");
    },
  },
  resilver: {
    help: "replaces a failed disk of the second mirror of `tank` with `sdo`, which is resilvered to 37 %",
    run: async (lab) => {
      const pool = tankOf(lab);
      const vdev = pool.topology.data[1];
      const failed = vdev?.children[1];
      if (vdev === undefined || failed === undefined) return;
      failed.status = "FAULTED";
      vdev.children[1] = degraded(labGroup("REPLACING", "replacing-1", [failed, labLeaf("sdo")]));
      degrade(pool, vdev, "RESILVERING", "One or more devices is currently being resilvered.");
      // py-libzfs calls a pool healthy that resilvers, and 26 none that is not ONLINE
      if (lab.release !== "26") Object.assign(pool, { healthy: true, warning: true });
      pool.scan = { ...startedScan(lab, "RESILVER"), percentage: 37 };
    },
  },
  spare_in_use: {
    help: "lets the hot spare of `tank` stand in for a disk of its first mirror that failed",
    run: async (lab) => {
      const pool = tankOf(lab);
      const [vdev] = pool.topology.data;
      const [failed, [spare]] = [vdev?.children[1], pool.topology.spare];
      if (vdev === undefined || failed === undefined || spare === undefined) return;
      failed.status = "FAULTED";
      spare.status = "UNAVAIL";
      vdev.children[1] = degraded(labGroup("SPARE", "spare-1", [failed, { ...spare, status: "ONLINE" }]));
      degrade(pool, vdev, "FAULTED_DEV_R", "One or more devices are faulted in response to persistent errors.");
      pool.scan = { ...startedScan(lab, "RESILVER"), state: "FINISHED", percentage: 100, endedAt: lab.now() - 600 };
    },
  },
  device_errors: {
    help: "counts read and checksum errors, and slow requests, on a disk of `tank` that stays ONLINE",
    run: async (lab) => {
      const pool = tankOf(lab);
      const disk = pool.topology.data[0]?.children[0];
      if (disk === undefined) return;
      disk.errors.read += 4;
      disk.errors.checksum += 17;
      disk.slowIos += 9;
      // 26 calls every pool healthy that is ONLINE and can be opened
      Object.assign(pool, { healthy: lab.release === "26", statusCode: "FAILING_DEV" });
      pool.statusDetail = "One or more devices has experienced an unrecoverable error.";
    },
  },
  suspended_pool: {
    help: "suspends `scratch`, whose disk failed: whatever uses it hangs",
    run: async (lab) => {
      const pool = poolOf(lab, "scratch");
      for (const disk of pool.topology.data) disk.status = "FAULTED";
      Object.assign(pool, { status: "SUSPENDED", healthy: false, statusCode: "IO_FAILURE_WAIT" });
      pool.statusDetail = "One or more devices are faulted in response to IO failures.";
    },
  },
  unimported_pool: {
    help: "starts the server without `backup`: of a pool that is not imported everything is null",
    run: async (lab) => {
      poolOf(lab, "backup").isImported = false;
      const { datasets } = lab.state.storage;
      const others = datasets.filter(({ id }) => id.split("/")[0] !== "backup");
      datasets.splice(0, datasets.length, ...others);
    },
  },
  old_scrub: {
    help: "lets the last scrub of `backup` be 60 days old",
    run: async (lab) => {
      const { scan } = poolOf(lab, "backup");
      if (scan !== undefined) Object.assign(scan, { startedAt: lab.now() - 60.2 * DAY, endedAt: lab.now() - 60 * DAY });
    },
  },
  scrub_paused: {
    help: "pauses a scrub of `tank` at 61 %, two days after it began",
    run: async (lab) => {
      const [startedAt, pausedAt] = [lab.now() - 2 * DAY, lab.now() - 1.8 * DAY];
      tankOf(lab).scan = { ...startedScan(lab, "SCRUB"), startedAt, pausedAt, percentage: 61 };
    },
  },
  pool_nearly_full: {
    help: "fills `tank` to 93 %",
    run: async (lab) => {
      const pool = tankOf(lab);
      pool.allocated = Math.round(pool.size * 0.93);
      pool.fragmentation = 54;
      for (const dataset of lab.state.storage.datasets.filter(({ id }) => id.split("/")[0] === "tank")) {
        if (dataset.id === "tank") dataset.used = Math.round((dataset.used + dataset.available) * 0.93);
        dataset.available = 0.8 * 1024 ** 4;
      }
    },
  },
  disk_hot: {
    help: "heats `sda` to 61 degrees and `nvme0n1` to 79",
    run: async (lab) => {
      diskOf(lab, "sda").temperature = 61;
      diskOf(lab, "nvme0n1").temperature = 79;
    },
  },
  disk_silent: {
    help: "lets `sdb` give 0 degrees, as a disk does that no longer answers",
    run: async (lab) => void (diskOf(lab, "sdb").temperature = 0),
  },
  disk_vanished: {
    help: "takes `sdg` from the server's list of disks and makes it UNAVAIL in `backup`",
    run: async (lab) => {
      const pool = poolOf(lab, "backup");
      const [vdev] = pool.topology.data;
      const disk = vdev?.children.find((child) => child.disk === "sdg");
      if (vdev === undefined || disk === undefined) return;
      lose(lab, disk, "UNAVAIL");
      degrade(pool, vdev, "MISSING_DEV_R", "One or more devices could not be opened.");
    },
  },
  dataset_locked: {
    help: "locks the encrypted `tank/vault`, as a restart does with a passphrase",
    run: async (lab) => void (datasetOf(lab, "tank/vault").isKeyLoaded = false),
  },
  dataset_over_quota: {
    help: "fills `tank/home` to 99 % of its quota and `tank/projects` to 98 % of what it alone may use",
    run: async (lab) => {
      const [home, projects] = [datasetOf(lab, "tank/home"), datasetOf(lab, "tank/projects")];
      home.used = Math.round(home.quota * 0.99);
      home.available = home.quota - home.used;
      projects.referenced = Math.round(projects.refquota * 0.98);
      projects.usedByDataset = projects.referenced;
      projects.used = projects.referenced + projects.usedBySnapshots;
    },
  },
} as const satisfies Record<string, TrueNasScenario>;

function poolOf({ state }: TrueNasLab, name: string): LabPool {
  const pool = state.storage.pools.find((each) => each.name === name);
  if (pool === undefined) throw new RangeError(`the server has no pool ${name}`);
  return pool;
}

const tankOf = (lab: TrueNasLab): LabPool => poolOf(lab, "tank");

function diskOf({ state }: TrueNasLab, name: string): LabDisk {
  const disk = state.storage.disks.find((each) => each.name === name);
  if (disk === undefined) throw new RangeError(`the server has no disk ${name}`);
  return disk;
}

function datasetOf({ state }: TrueNasLab, id: string): LabDataset {
  const dataset = state.storage.datasets.find((each) => each.id === id);
  if (dataset === undefined) throw new RangeError(`the server has no dataset ${id}`);
  return dataset;
}

/** The disk is no longer there: neither in the list of disks nor under the path that the pool knows. */
function lose({ state }: TrueNasLab, leaf: LabVdev, status: "REMOVED" | "UNAVAIL"): void {
  Object.assign(leaf, { status, isGone: true });
  const { disks } = state.storage;
  const at = disks.findIndex(({ name }) => name === leaf.disk);
  if (at >= 0) disks.splice(at, 1);
}

const degraded = (vdev: LabVdev): LabVdev => ({ ...vdev, status: "DEGRADED" });

function degrade(pool: LabPool, vdev: LabVdev, statusCode: string, statusDetail: string): void {
  vdev.status = "DEGRADED";
  Object.assign(pool, { status: "DEGRADED", healthy: false, warning: false, statusCode, statusDetail });
}

const startedScan = (lab: TrueNasLab, kind: LabScan["function"]): LabScan => ({
  function: kind,
  state: "SCANNING",
  startedAt: lab.now() - 2 * 3600,
  endedAt: undefined,
  percentage: 0,
  pausedAt: undefined,
  errors: 0,
});
