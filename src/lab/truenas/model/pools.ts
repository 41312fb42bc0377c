import type { LabPool, LabScrubTask, LabVdev, LabVdevClass } from "./storage-shape.ts";

const DAY = 86_400;
const GB = 1000 ** 3;
const TB = 1000 ** 4;

/** A vdev of this kind over disks; its guid is made from its name, so that it is the same every time. */
export function labGroup(type: string, name: string, children: LabVdev[]): LabVdev {
  return {
    name,
    type,
    guid: guidOf(name + children.map(({ guid }) => guid).join()),
    status: "ONLINE",
    children,
    ...clean(),
  };
}

/** A disk in a pool. */
export const labLeaf = (disk: string, status = "ONLINE"): LabVdev => ({
  name: disk,
  type: "DISK",
  guid: guidOf(disk),
  status,
  children: [],
  disk,
  ...clean(),
});

const clean = () => ({ errors: { read: 0, write: 0, checksum: 0 }, slowIos: 0 });

/** 20 digits, beyond what a JSON number can hold. */
function guidOf(text: string): string {
  let hash = 14_695_981_039_346_656_037n;
  for (const character of text)
    hash = ((hash ^ BigInt(character.codePointAt(0) ?? 0)) * 1_099_511_628_211n) % 2n ** 64n;
  return String((hash % (8n * 10n ** 18n)) + 10n ** 19n);
}

const NO_VDEVS = (): Record<LabVdevClass, LabVdev[]> => ({
  data: [],
  log: [],
  cache: [],
  spare: [],
  special: [],
  dedup: [],
});

const finishedScrub = (now: number, daysAgo: number) => ({
  function: "SCRUB" as const,
  state: "FINISHED" as const,
  startedAt: now - daysAgo * DAY - 4 * 3600,
  endedAt: now - daysAgo * DAY,
  percentage: 100,
  pausedAt: undefined,
  errors: 0,
});

const WELL = {
  isImported: true,
  status: "ONLINE",
  healthy: true,
  warning: false,
  statusCode: "OK",
  statusDetail: null,
};

/** `tank` of mirrors with everything, `backup` of raidz2, `scratch` of one disk by design, and the boot pool. */
export function createPools(now: number): {
  pools: LabPool[];
  bootPool: LabPool;
  scrubTasks: LabScrubTask[];
} {
  const pools = [createTank(now), createBackup(now), createScratch(now)];
  const scrubTasks = ["tank", "backup"].map((pool, i) => ({ id: i + 1, pool, enabled: true, threshold: 35 }));
  return { pools, bootPool: createBootPool(now), scrubTasks };
}

const createTank = (now: number): LabPool => ({
  ...WELL,
  id: 1,
  name: "tank",
  guid: guidOf("tank"),
  size: 24 * TB,
  allocated: 11 * TB,
  fragmentation: 12,
  autotrim: false,
  scan: finishedScrub(now, 6),
  topology: {
    ...NO_VDEVS(),
    data: [
      labGroup("MIRROR", "mirror-0", [labLeaf("sda"), labLeaf("sdb")]),
      labGroup("MIRROR", "mirror-1", [labLeaf("sdc"), labLeaf("sdd")]),
    ],
    special: [labGroup("MIRROR", "mirror-2", [labLeaf("nvme0n1"), labLeaf("nvme1n1")])],
    log: [labLeaf("nvme2n1")],
    cache: [labLeaf("nvme3n1")],
    spare: [labLeaf("sde")],
  },
});

const createBackup = (now: number): LabPool => ({
  ...WELL,
  id: 2,
  name: "backup",
  guid: guidOf("backup"),
  warning: true,
  statusCode: "FEAT_DISABLED",
  statusDetail: "Some supported and requested features are not enabled on the pool.",
  size: 96 * TB,
  allocated: 40 * TB,
  fragmentation: 3,
  autotrim: false,
  scan: finishedScrub(now, 20),
  topology: {
    ...NO_VDEVS(),
    data: [
      labGroup(
        "RAIDZ2",
        "raidz2-0",
        ["sdf", "sdg", "sdh", "sdi", "sdj", "sdk"].map((disk) => labLeaf(disk)),
      ),
    ],
  },
});

/** Never scrubbed: nothing of worth lies there. */
const createScratch = (_now: number): LabPool => ({
  ...WELL,
  id: 3,
  name: "scratch",
  guid: guidOf("scratch"),
  size: 2 * TB,
  allocated: 0.4 * TB,
  fragmentation: 31,
  autotrim: true,
  scan: undefined,
  topology: { ...NO_VDEVS(), data: [labLeaf("sdl")] },
});

const createBootPool = (now: number): LabPool => ({
  ...WELL,
  id: undefined,
  name: "boot-pool",
  guid: guidOf("boot-pool"),
  size: 120 * GB,
  allocated: 14 * GB,
  fragmentation: 8,
  autotrim: false,
  scan: finishedScrub(now, 4),
  topology: { ...NO_VDEVS(), data: [labGroup("MIRROR", "mirror-0", [labLeaf("sdm"), labLeaf("sdn")])] },
});
