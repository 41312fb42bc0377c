import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import type { BackupState } from "./model.ts";

/** How an emulated server is made. */
export interface ProxmoxBackupLabOptions {
  /** How many backup groups its first datastore holds; 12 unless given. */
  readonly groups?: number;
  /** How many snapshots each group has; 7 unless given. */
  readonly snapshots?: number;
  /** Signs the server's certificate; one of its own unless given. */
  readonly authority?: Authority;
  /** A free one unless given. */
  readonly port?: number;
  /** The server's clock in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
  /** Waited for before each answer, for tests of what is in flight meanwhile. */
  readonly beforeAnswer?: () => Promise<void>;
  /** Milliseconds until a bad token is refused; 0 unless given, 3000 at a real server. */
  readonly refusalDelayMs?: number;
}

/** Roles by path of the access control list. */
export type BackupAcl = Readonly<Record<string, readonly BackupRole[]>>;

/** The roles that the lab knows. */
export type BackupRole = "Admin" | "Audit" | "DatastoreAudit" | "DatastoreBackup" | "RemoteAudit" | "NoAccess";

/** An emulated Proxmox Backup Server on loopback. */
export interface ProxmoxBackupLab {
  /** Such as `https://127.0.0.1:41234`. */
  readonly url: string;
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  /** A token with `Audit` on `/` and `RemoteAudit` on `/remote`. */
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** What the server knows. {@link ProxmoxBackupScenario} `recover` fills it anew. */
  readonly state: BackupState;
  readonly scenarios: Readonly<Record<ProxmoxBackupScenarioName, ProxmoxBackupScenario>>;
  /** The newest requests that arrived. */
  readonly requests: readonly LabRequest[];
  /** The most requests that were under way at once since it was last asked. */
  mostAtOnce(): number;
  /** The server's clock in Unix seconds. */
  now(): number;
  /** Makes a token with these roles, or gives a token others, and returns its secret. */
  grant(tokenId: string, acl: BackupAcl): string;
  /** Fills the state anew, with backups that are as old as ever. */
  reset(): void;
  setFault(fault: Fault | undefined): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The names of the scenarios. */
export type ProxmoxBackupScenarioName =
  | "datastore_full"
  | "unmounted"
  | "verify_failed"
  | "gc_failed"
  | "sync_failed"
  | "old_backups"
  | "token_without_rights"
  | "recover";

/** Something that happens to a server. */
export interface ProxmoxBackupScenario {
  /** One sentence. */
  readonly help: string;
  run(lab: ProxmoxBackupLab): Promise<void>;
}
