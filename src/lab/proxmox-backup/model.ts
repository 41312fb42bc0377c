/** What an emulated server knows, to be changed at will. Times are Unix seconds, sizes bytes. */
export interface BackupState {
  version: { version: string; release: string; repoid: string };
  datastores: LabDatastore[];
  jobs: LabJob[];
  tasks: LabTask[];
  subscription: Readonly<Record<string, string>>;
  host: LabHost;
}

/** The machine of the server. */
export interface LabHost {
  cpu: number;
  wait: number;
  uptime: number;
  loadavg: readonly number[];
  memory: LabCapacity;
  swap: LabCapacity;
  root: LabCapacity;
}

/** What there is of something, and how much of it is taken. */
export interface LabCapacity {
  total: number;
  used: number;
}

/** A datastore and all that is in it. */
export interface LabDatastore extends LabCapacity {
  store: string;
  mountStatus: "mounted" | "notmounted" | "nonremovable";
  backendType: "filesystem" | "s3";
  /** Why it can not be opened. */
  error?: string | undefined;
  /** Such as `offline`. */
  maintenance?: string | undefined;
  /** When it will be full; 0 for never, a time in the past when its use shrinks, undefined with too little history. */
  estimatedFull?: number | undefined;
  /** What the last garbage collection found; undefined when none ever ran. */
  garbage?: LabGarbage | undefined;
  namespaces: LabNamespace[];
}

/** What a garbage collection found. */
export interface LabGarbage {
  referredBytes: number;
  diskBytes: number;
  pendingBytes: number;
  removedBytes: number;
  removedBad: number;
  stillBad: number;
}

/** A namespace; the root's name is empty. */
export interface LabNamespace {
  ns: string;
  groups: LabGroup[];
}

/** The backups of one guest or host. */
export interface LabGroup {
  type: "vm" | "ct" | "host";
  id: string;
  owner: string;
  snapshots: LabSnapshot[];
}

/** One backup. */
export interface LabSnapshot {
  time: number;
  /** Undefined while it is written. */
  size?: number | undefined;
  verification?: "ok" | "failed" | undefined;
  comment?: string | undefined;
}

/** The kinds of job, as they are in the paths of the API. */
export type LabJobKind = "gc" | "verify" | "sync" | "prune";

/** A job; the id of a garbage collection is its datastore. */
export interface LabJob {
  kind: LabJobKind;
  id: string;
  store: string;
  schedule?: string | undefined;
  disable?: boolean | undefined;
  /** Of a sync job: whence it pulls. */
  remote?: string | undefined;
  /** What its state file says; undefined when it never ran. */
  run?: { readonly startedAt: number; readonly endedAt?: number; readonly state?: string } | undefined;
  nextRun?: number | undefined;
}

/** A task; one that runs has neither `endedAt` nor `status`. */
export interface LabTask {
  type: string;
  id: string;
  startedAt: number;
  endedAt?: number | undefined;
  status?: string | undefined;
}
