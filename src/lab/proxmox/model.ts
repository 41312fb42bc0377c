/** A row as it goes over the wire; a test may put anything into it. */
export type WireRow = Record<string, unknown>;

/** The releases whose answers are emulated. */
export type PveRelease = "8.4" | "9.1";

/**
 * Everything that the emulated cluster knows, as plain data. Tests change it at will, and the next answer shows it.
 * Sizes are in bytes, times in seconds since 1970 and lengths in seconds unless the name says otherwise.
 */
export interface ProxmoxState {
  /** Undefined for a standalone host, which has no cluster row. */
  clusterName: string | undefined;
  clusterVersion: number;
  /** Undefined counts the votes of the nodes that are online; a value overrides them. */
  quorate: boolean | undefined;
  /** Undefined when the cluster has none. Its keys are those of corosync-qdevice, such as `State`. */
  qdevice: Record<string, string> | undefined;
  /** What is added to the cluster's clock; negative when it has jumped back. */
  clockOffsetMs: number;
  nodes: PveNode[];
  guests: PveGuest[];
  storages: PveStorage[];
  pools: string[];
  replicationJobs: ReplicationJob[];
  /** Rows of /cluster/backup. */
  backupJobs: BackupJob[];
  /** Backups on the storages. */
  backups: BackupVolume[];
  tasks: PveTask[];
  /** Undefined when high availability was never used. */
  ha: HaState | undefined;
  /** What `ceph status` prints as JSON; undefined when Ceph is not installed. */
  ceph: WireRow | undefined;
}

/** Used and free space. */
export interface Space {
  total: number;
  used: number;
  free: number;
}

/** One host. */
export interface PveNode {
  name: string;
  nodeid: number;
  ip: string;
  /** Whether the cluster sees it. `stop` and `start` of the lab's node set it. */
  online: boolean;
  /** Since when no statistics arrive from it, in milliseconds since 1970; undefined while they do. */
  silentSinceMs: number | undefined;
  /** The subscription level: `c`, `b`, `s`, `p`, or empty without one. */
  level: string;
  release: { version: string; release: string; repoid: string };
  kernel: string;
  cpus: number;
  /** 0 to 1. */
  cpu: number;
  /** 0 to 1: waiting for I/O. */
  wait: number;
  loadavg: number[];
  /** `available` only from release 9 on. */
  memory: Space & { available: number };
  swap: Space;
  rootfs: Space & { avail: number };
  ksmShared: number;
  uptime: number;
  /** The zone of its clock, such as `Europe/Vienna`. */
  timezone: string;
  disks: WireRow[];
  zpools: Zpool[];
  subscription: WireRow;
  /** Rows of certificates/info without the fingerprint of the served one, which the lab adds. */
  certificates: WireRow[];
  updates: WireRow[];
  /** What /nodes/{node}/config answers. */
  config: WireRow;
  /** Storages whose calls on this node hang, as a dead NFS mount makes them. */
  hungStorages: string[];
  /** Merged into every row about the node, last; a key with undefined is left out. */
  odd?: WireRow;
}

/** A ZFS pool: its row in the list and its detail, as they go over the wire. */
export interface Zpool {
  list: WireRow & { name: string };
  detail: WireRow;
}

/** A virtual machine or container. */
export interface PveGuest {
  vmid: number;
  type: "qemu" | "lxc";
  node: string;
  name: string;
  status: "running" | "stopped";
  template: boolean;
  pool?: string;
  /** Separated by semicolons. */
  tags?: string;
  lock?: string;
  /** Undefined leaves it out of the configuration, as a real one does for no. */
  onboot?: boolean;
  cpus: number;
  cpu: number;
  mem: number;
  maxmem: number;
  /** Only from release 9 on, and only of virtual machines. */
  memhost: number;
  /** Always 0 for virtual machines. */
  disk: number;
  maxdisk: number;
  netin: number;
  netout: number;
  diskread: number;
  diskwrite: number;
  uptime: number;
  /** Percent of the time that tasks waited; only from release 9 on. */
  pressure: Record<PressureName, number>;
  snapshots: Snapshot[];
  /** More keys of the configuration, such as `scsi0`. */
  config: WireRow;
  /** Merged into every row about the guest, last; a key with undefined is left out. */
  odd?: WireRow;
}

/** The pressure stall figures of a guest. */
export type PressureName = "cpusome" | "cpufull" | "iosome" | "iofull" | "memorysome" | "memoryfull";

/** A snapshot of a guest. */
export interface Snapshot {
  name: string;
  snaptime: number;
  description: string;
  parent?: string;
  vmstate?: 0 | 1;
}

/** A storage of the cluster's configuration. */
export interface PveStorage {
  storage: string;
  type: string;
  shared: boolean;
  content: string[];
  /** By node; a node that is missing does not have the storage. */
  onNodes: Record<string, StorageOnNode>;
  odd?: WireRow;
}

/** A storage as one node sees it. */
export interface StorageOnNode {
  total: number;
  used: number;
  active: boolean;
}

/** A replication job with its state. */
export interface ReplicationJob {
  id: string;
  guest: number;
  jobnum: number;
  target: string;
  schedule: string;
  disable?: boolean;
  /** The state as it goes over the wire: last_sync, last_try, next_sync, duration, fail_count, error?, pid? */
  state: WireRow;
}

/** A backup job as /cluster/backup has it. `vmid`, `all`, `pool` and `exclude` say whom it covers. */
export interface BackupJob extends WireRow {
  id: string;
  enabled?: 0 | 1;
  all?: 0 | 1;
  vmid?: string;
  pool?: string;
  exclude?: string;
  node?: string;
}

/** A backup on a storage. */
export interface BackupVolume {
  storage: string;
  /** Of a storage that is not shared: where it lies. */
  node?: string;
  vmid: number;
  /** As content=backup lists it. */
  row: WireRow;
}

/** A task of a node; a running one has no end. */
export interface PveTask {
  upid: string;
  node: string;
  type: string;
  /** Empty for a backup of several guests. */
  id: string;
  user: string;
  pid: number;
  pstart: number;
  starttime: number;
  endtime?: number;
  status?: string;
  log: string[];
}

/** High availability. */
export interface HaState {
  master: string;
  /** How many seconds ago the manager wrote its state. */
  masterLagSeconds: number;
  services: HaService[];
  /** By node. */
  nodes: Record<string, HaNode>;
}

/** What high availability knows of one node. */
export interface HaNode {
  /** `online`, `maintenance`, `unknown`, `fence` or `gone`. */
  status: string;
  mode: string;
  /** `active`, `wait_for_agent_lock` or `lost_agent_lock`. */
  state: string;
  /** How many seconds ago the local manager wrote its state. */
  lagSeconds: number;
}

/** A guest that high availability looks after. */
export interface HaService {
  /** `vm:100` or `ct:101`. */
  sid: string;
  node: string;
  /** As the manager sees it: `started`, `stopped`, `error`, `fence`, ... */
  state: string;
  /** What was asked for. */
  requestState: string;
  config: WireRow;
}
