import type { ReplicationState } from "./contract.ts";
import type { ClusterOptions } from "./options.ts";

/** What the cluster knows of one node. Times are in milliseconds since 1970. */
export interface Member {
  readonly id: string;
  readonly hostname: string;
  readonly clusterAddress: string;
  /** Set when the node's server listens. */
  url: string;
  version: string;
  running: boolean;
  /** The process is there and does nothing. */
  frozen: boolean;
  sealed: boolean;
  readonly shares: Set<string>;
  nonce: string;
  inRaft: boolean;
  voter: boolean;
  /** The leader and the last entry that the node knew of when it was removed. */
  removedAt: { readonly leader: Member | undefined; readonly index: number } | undefined;
  /** The last entry that the node received before it fell silent; undefined while it is heard. */
  silentAt: number | undefined;
  appliedLag: number;
  clockSkewSeconds: number;
  /** Since when the active node hears it, every five seconds; undefined while it is silent. */
  heardFrom: number | undefined;
  /** When the active node heard it for the last time, once it is silent; undefined when it never did. */
  lastHeard: number | undefined;
  stableSince: number;
  leadershipLost: number;
  replication: ReplicationState | undefined;
  readonly metrics: Map<string, number>;
}

/** A node as it is when its cluster has run for a minute. */
export function createMember(index: number, options: ClusterOptions): Member {
  // Echoes of real nodes are not in step, and fractions of a millisecond are in their times.
  const start = options.now() - 60_000 + index * 1234.944495;
  return {
    id: `lab-${index}`,
    hostname: `lab-${index}`,
    clusterAddress: `127.0.0.${11 + index}:8201`,
    url: "",
    version: options.version,
    running: true,
    frozen: false,
    sealed: !options.initialized,
    shares: new Set(),
    nonce: "",
    inRaft: options.storage === "raft",
    voter: true,
    removedAt: undefined,
    silentAt: undefined,
    appliedLag: 0,
    clockSkewSeconds: 0,
    heardFrom: options.initialized ? start : undefined,
    lastHeard: undefined,
    stableSince: start,
    leadershipLost: 0,
    replication: undefined,
    metrics: new Map(),
  };
}

/** Whether the process runs and can be heard by the others. */
export const isAudible = (member: Member): boolean => member.running && !member.frozen && !member.sealed;
