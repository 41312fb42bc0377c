import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import type { ProxmoxState, PveRelease } from "./model.ts";

/** How an emulated cluster is made. */
export interface ProxmoxLabOptions {
  /** Three unless given, up to 32; a standalone host has one. */
  readonly nodes?: number;
  /** Forty unless given, up to 2000. */
  readonly guests?: number;
  /** 9.1 unless given. */
  readonly version?: PveRelease;
  /** One host that is in no cluster; false unless given. */
  readonly standalone?: boolean;
  /** True unless given or standalone. */
  readonly ceph?: boolean;
  /** True unless given. */
  readonly zfs?: boolean;
  /** A vote from outside of the cluster; false unless given. */
  readonly qdevice?: boolean;
  /** Signs the nodes' certificates; one of its own unless given. */
  readonly authority?: Authority;
  /** The cluster's clock in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
  /** The same seed makes the same cluster; 1 unless given. */
  readonly seed?: number;
  /** The first of adjoining ports, one for each node; free ones unless given. */
  readonly port?: number;
  /**
   * Whether answers are kept until {@link ProxmoxLab.touch}, a scenario, or a stop or start of a node, so that a bench
   * measures the client and not the lab. True from 200 guests on unless given; a change of the state alone is not seen.
   */
  readonly cached?: boolean;
  readonly timing?: Partial<ProxmoxTiming>;
}

/** How long things take, in milliseconds; a test may change them while the lab runs. */
export interface ProxmoxTiming {
  /** Until a call for a dead or frozen node is given up; 30 000 unless given, as in a real cluster. */
  proxyTimeoutMs: number;
  /** Until a call that waits for a hung storage is given up; 30 000 unless given, as in a real cluster. */
  stallMs: number;
  /** Until a bad token is answered 401; 5 unless given, 3000 in a real cluster. */
  authDelayMs: number;
  /** Until the last statistics of a silent node are forgotten; 300 000 unless given, as in a real cluster. */
  statisticsExpireMs: number;
}

/** An emulated Proxmox VE cluster on loopback. */
export interface ProxmoxLab {
  readonly nodes: readonly ProxmoxLabNode[];
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  /** Such as `watchkeeper@pve!lab`: PVEAuditor on `/`, and what listing backups takes besides. */
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** What the cluster knows, to be changed at will. {@link ProxmoxScenario} `recover` fills it anew. */
  readonly state: ProxmoxState;
  readonly timing: ProxmoxTiming;
  /** What an operator may want to see happen. */
  readonly scenarios: Readonly<Record<ProxmoxScenarioName, ProxmoxScenario>>;
  /** The node's server by name; throws a RangeError for an unknown one. */
  node(name: string): ProxmoxLabNode;
  /** Makes a token of its own rights alone, as `pveum user token add --privsep 1` and `pveum acl modify` do. */
  createToken(options?: TokenOptions): ProxmoxToken;
  /** Takes all rights from every token, until it is called with false. */
  withdrawRights(withdrawn: boolean): void;
  /** Forgets a token: it is answered 401 from now on. */
  revoke(tokenId: string): void;
  /**
   * Changes what a path answers, given without its query, such as `/cluster/resources`: `change` gets a copy of the
   * true `data`. Undefined takes it back.
   */
  rewrite(path: string, change: ((data: unknown) => unknown) | undefined): void;
  /** Forgets kept answers, after a change of the state of a lab that keeps them. */
  touch(): void;
  /** How many requests arrived since the start or {@link resetCalls}, of one token or of all. */
  calls(tokenId?: string): ProxmoxCalls;
  resetCalls(): void;
  close(): Promise<void>;
}

/** How many requests arrived; paths are without `/api2/json` and without the query, nodes are those that were asked. */
export interface ProxmoxCalls {
  readonly total: number;
  readonly byPath: Readonly<Record<string, number>>;
  readonly byNode: Readonly<Record<string, number>>;
}

/** One node of an emulated cluster. */
export interface ProxmoxLabNode {
  /** Such as `pve1`. */
  readonly name: string;
  /** Without a path, such as `https://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** SHA-256 of the certificate that it shows: hex pairs with colons. */
  readonly fingerprint: string;
  readonly requests: readonly LabRequest[];
  /** The host dies: its port is closed and the others see it offline. */
  stop(): Promise<void>;
  /** The host comes back. */
  start(): Promise<void>;
  /** A fault of its web server alone; the cluster still sees the host online. */
  setFault(fault: Fault | undefined): Promise<void>;
}

/** A token; the id is `USER@REALM!NAME`. */
export interface ProxmoxToken {
  readonly id: string;
  readonly secret: string;
}

/** What a new token may do: a role, single privileges, or both. Without either it may do nothing. */
export interface TokenOptions {
  readonly role?: "PVEAuditor";
  readonly privileges?: readonly string[];
  /** `/` unless given. */
  readonly path?: string;
  /** True unless given. */
  readonly propagate?: boolean;
  /** Anything unless given. */
  readonly id?: string;
}

/** The names of the scenarios. */
export type ProxmoxScenarioName =
  | "node_down"
  | "nfs_hung"
  | "quorum_lost"
  | "token_without_rights"
  | "guest_migrating"
  | "wearout_odd"
  | "backup_job_disabled"
  | "backup_failed"
  | "verify_failed"
  | "replication_failing"
  | "zfs_degraded"
  | "disk_failing"
  | "ha_error"
  | "ceph_warning"
  | "locked_guest"
  | "vmid_reused"
  | "guest_renamed"
  | "clock_jumps_back"
  | "recover";

/** Something that happens to a cluster. */
export interface ProxmoxScenario {
  readonly name: ProxmoxScenarioName;
  /** One sentence. */
  readonly help: string;
  run(lab: ProxmoxLab): Promise<void>;
}
