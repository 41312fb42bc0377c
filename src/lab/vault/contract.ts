import type { Duration } from "../../core/duration.ts";
import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";

/** How an emulated cluster is made. */
export interface VaultLabOptions {
  /** Three unless given. */
  readonly nodes?: number;
  /** Signs the nodes' certificates; one of its own unless given. */
  readonly authority?: Authority;
  /** `openbao` unless given. They differ in fields, in error texts and in what a standby answers by itself. */
  readonly flavour?: "openbao" | "vault";
  /** Vault Enterprise's licence and write-ahead log in sys/health; false unless given. */
  readonly enterprise?: boolean;
  /** The version of every node; 2.7.2 of OpenBao and 1.20.1 of Vault unless given. */
  readonly version?: string;
  readonly clusterName?: string;
  /** With `file` there is no raft and no high availability, and only the first node is made. */
  readonly storage?: "raft" | "file";
  /** False leaves all nodes uninitialised until PUT sys/init. */
  readonly initialized?: boolean;
  /** How many shares the unseal key has and how many of them unseal; one each unless given. */
  readonly keyShares?: number;
  readonly keyThreshold?: number;
  /** Whether sys/metrics has the Prometheus format; true unless given. */
  readonly telemetry?: boolean;
  /** Whether sys/metrics asks for no token; false unless given. */
  readonly unauthenticatedMetrics?: boolean;
  /**
   * Whether audit devices can be changed by the API; true for Vault, false for OpenBao (as since 2.6), unless given.
   */
  readonly auditApi?: boolean;
  /**
   * Milliseconds from the loss of the active node to the next one (300 unless given), or only by
   * {@link VaultLab.elect}.
   */
  readonly electionDelay?: number | "manual";
  /** Milliseconds of silence until autopilot calls a node unhealthy; 10 000 unless given, as in a real cluster. */
  readonly lastContactThreshold?: number;
  /** Milliseconds until a new active node has heard its followers; 2000 unless given, as in a real cluster. */
  readonly settleTime?: number;
  /** The cluster's clock in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
}

/** An emulated cluster of Vault or OpenBao on loopback. */
export interface VaultLab {
  readonly nodes: readonly VaultLabNode[];
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  readonly rootToken: string;
  /** The first of {@link unsealKeys}, as base64. */
  readonly unsealKey: string;
  readonly unsealKeys: readonly string[];
  /** What an operator may want to see happen. */
  readonly scenarios: Readonly<Record<VaultScenarioName, VaultScenario>>;
  /** The node that answers 200 on sys/health; undefined when there is none. */
  active(): VaultLabNode | undefined;
  /** Ends a pending election now. */
  elect(): void;
  /** Makes a token as POST auth/token/create does, and returns it. */
  createToken(options: TokenOptions): string;
  revoke(token: string): void;
  /** Throws a SyntaxError for a policy that a server would not take. */
  writePolicy(name: string, policy: string): void;
  /** Takes all rights from every token but root's, until it is called with false. */
  withdrawPolicies(withdrawn: boolean): void;
  enableAppRole(options: AppRoleOptions): { readonly roleId: string; readonly secretId: string };
  enableKubernetes(options: KubernetesOptions): void;
  /** Adds an audit device, or removes it when the device is undefined. */
  setAuditDevice(path: string, device: AuditDevice | undefined): void;
  setIrrevocableLeases(count: number): void;
  /** Mounts a PKI secrets engine at the path, with one issuer that has a key. */
  mountPki(path: string, options: PkiOptions): Promise<LabPki>;
  close(): Promise<void>;
}

/** One node of an emulated cluster. */
export interface VaultLabNode {
  /** The raft `node_id`, such as `lab-0`. */
  readonly id: string;
  readonly url: string;
  /** Host and port of the raft address, distinct for each node; nothing listens there. */
  readonly clusterAddress: string;
  readonly requests: readonly LabRequest[];
  seal(): void;
  /** Unseals with all keys at once. */
  unseal(): void;
  /** Ends the process. */
  stop(): Promise<void>;
  /** Starts the process again: sealed, as a real one is. */
  start(): Promise<void>;
  /** A `hang` on all paths or a `hang_handshake` freezes the process, so that the cluster loses it too. */
  setFault(fault: Fault | undefined): Promise<void>;
  /** How many seconds the node's clock is ahead; negative when it is behind. */
  setClockSkew(seconds: number): void;
  setVersion(version: string): void;
  /** How many raft entries the node has received and not applied. */
  setAppliedLag(entries: number): void;
  setVoter(voter: boolean): void;
  /** Sets a sample of sys/metrics, with its labels in the name if it has any; undefined takes it back. */
  setMetric(name: string, value: number | undefined): void;
  /** Of Vault only: what makes sys/health answer 472, 473 or 474. Undefined takes it back. */
  setReplicationState(state: ReplicationState | undefined): void;
  removeFromRaft(): void;
  /** Takes a removed node back, as joining it anew does. */
  joinRaft(): void;
}

/** Why sys/health of Vault answers 472, 473 or 474. */
export type ReplicationState = "dr_secondary" | "performance_standby" | "ha_unhealthy";

/** A token's properties; times are in seconds. */
export interface TokenOptions {
  readonly policies: readonly string[];
  readonly ttl: number;
  /** True unless given. */
  readonly renewable?: boolean;
  readonly period?: number;
  readonly explicitMaxTtl?: number;
}

/** A role of the auth method; times are in seconds. */
export interface AppRoleOptions {
  /** `approle` unless given. */
  readonly mount?: string;
  readonly policies: readonly string[];
  readonly ttl: number;
  readonly maxTtl?: number;
}

/** A role of the auth method and the only service account token that it takes; the time is in seconds. */
export interface KubernetesOptions {
  /** `kubernetes` unless given. */
  readonly mount?: string;
  readonly role: string;
  readonly jwt: string;
  readonly policies: readonly string[];
  readonly ttl: number;
}

/** How a PKI secrets engine is made. */
export interface PkiOptions {
  /** Name and common name of its issuer. */
  readonly issuer: string;
  /**
   * Path of the mount whose issuer signs this one's, which is then imported too, without its key; it signs itself
   * otherwise.
   */
  readonly parent?: string;
}

/** A mounted PKI secrets engine. */
export interface LabPki {
  /** Issues a leaf and gives its serial number: pairs of lower-case digits with colons between. */
  issue(wish: IssueWish): Promise<string>;
  /** Revokes a certificate and makes a new revocation list. */
  revoke(serial: string): Promise<void>;
  /**
   * Adds an issuer with the key and the common name of the one that is there, so that they share their revocation list.
   */
  reissue(name: string): Promise<void>;
  /** Removes a certificate, as tidying does. */
  forget(serial: string): void;
  configure(settings: PkiSettings): void;
  /** Makes a new revocation list. */
  rotate(): Promise<void>;
}

/** What a leaf says. */
export interface IssueWish {
  readonly commonName: string;
  /** Only the common name unless given. */
  readonly hosts?: readonly string[];
  /** 24 hours unless given. */
  readonly life?: Duration;
  /** A minute ago unless given. */
  readonly notBefore?: Date;
}

/** What config/crl says. */
export interface PkiSettings {
  readonly disable?: boolean;
  readonly enableDelta?: boolean;
}

/** What sys/audit says of a device. */
export interface AuditDevice {
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  readonly description?: string;
}

/** The names of the scenarios. */
export type VaultScenarioName = "seal_a_node" | "lose_the_leader" | "hang_a_node" | "garbage" | "forbidden" | "recover";

/** Something that happens to a cluster. */
export interface VaultScenario {
  /** One sentence. */
  readonly help: string;
  run(lab: VaultLab): Promise<void>;
}
