/** The classes of vdevs, in the order that the API has them. */
export type LabVdevClass = "data" | "log" | "cache" | "spare" | "special" | "dedup";

/** A vdev of any level: a group, a stand-in (`replacing-0`, `spare-0`) or a disk. */
export interface LabVdev {
  /** Of a group; a disk is named by its partition. */
  name: string;
  /** As `pool.query` has it: MIRROR, RAIDZ2, DISK, REPLACING, SPARE. */
  type: string;
  guid: string;
  status: string;
  readonly children: LabVdev[];
  /** Of a disk: the name of the disk, or what it was; and whether the server still finds one there. */
  disk?: string;
  isGone?: boolean;
  errors: { read: number; write: number; checksum: number };
  /** Told by `zpool.query` alone. */
  slowIos: number;
}

/** The newest scan of a pool. */
export interface LabScan {
  function: "SCRUB" | "RESILVER";
  state: "SCANNING" | "FINISHED" | "CANCELED";
  startedAt: number;
  endedAt: number | undefined;
  /** 0 to 100. */
  percentage: number;
  pausedAt: number | undefined;
  errors: number;
}

/** A pool as ZFS knows it. Sizes are raw, parity included. */
export interface LabPool {
  /** The row of the database; the boot pool has none. */
  readonly id: number | undefined;
  name: string;
  readonly guid: string;
  isImported: boolean;
  /** ZFS' own, such as ONLINE, DEGRADED or SUSPENDED. */
  status: string;
  healthy: boolean;
  warning: boolean;
  statusCode: string;
  statusDetail: string | null;
  size: number;
  allocated: number;
  /** Percent. */
  fragmentation: number;
  autotrim: boolean;
  scan: LabScan | undefined;
  readonly topology: Record<LabVdevClass, LabVdev[]>;
}

/** A scrub that the server starts by itself. */
export interface LabScrubTask {
  readonly id: number;
  readonly pool: string;
  enabled: boolean;
  /** Days since the last scrub that must have gone by. */
  threshold: number;
}

/** A finished or running SMART self test, newest first in its disk's list. */
interface LabSelfTest {
  readonly description: string;
  readonly status: "SUCCESS" | "FAILED" | "RUNNING";
  readonly verbose: string;
  /** Hours that the disk had run. */
  readonly lifetime: number;
}

/** A disk that the server sees. */
export interface LabDisk {
  name: string;
  serial: string;
  model: string;
  type: "HDD" | "SSD";
  /** Rounds per minute; null for one without. */
  rotationRate: number | null;
  bus: "SATA" | "SCSI" | "NVME";
  size: number;
  /** Celsius; null when it tells none. */
  temperature: number | null;
  /** Minutes until it sleeps, or ALWAYS ON. */
  standby: string;
  readonly selfTests: LabSelfTest[];
}

/** A file system or a volume. The pool's own is named as the pool. */
export interface LabDataset {
  readonly id: string;
  readonly type: "FILESYSTEM" | "VOLUME";
  used: number;
  available: number;
  usedBySnapshots: number;
  usedByDataset: number;
  referenced: number;
  /** 0 for none. */
  quota: number;
  refquota: number;
  /** 0 for a file system. */
  volumeSize: number;
  /** Such as 1.42. */
  compressRatio: number;
  /** The dataset that has the key; undefined when it is not encrypted. */
  encryptionRoot: string | undefined;
  isKeyLoaded: boolean;
  /** The snapshot that it is a clone of. */
  origin: string | undefined;
  readonly userProperties: Record<string, string>;
  readonly createdAt: number;
}
