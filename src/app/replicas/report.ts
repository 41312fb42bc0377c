import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { ReplicaStore } from "../../core/replica-store.ts";
import type { MembershipStatus } from "./membership.ts";

/** One of the replicas that divide the targets, for people. */
export interface ReportedReplica {
  readonly id: string;
  readonly isSelf: boolean;
  /** Unix milliseconds, by the store's clock. */
  readonly joinedAt: number;
  /** How many targets it has; undefined when that could not be read. */
  readonly targets: number | undefined;
}

/** Who polls what, for people. */
export interface ReplicaReport {
  readonly id: string;
  readonly isMember: boolean;
  readonly replicas: readonly ReportedReplica[];
  /** The owner's id by `<collector>/<target>`; undefined when the store could not be asked. */
  readonly owners: ReadonlyMap<string, string> | undefined;
}

/** Asks the store who has which target; `others` are keys that are none of a target. */
export async function reportReplicas(
  { id, isMember, members }: MembershipStatus,
  store: Pick<ReplicaStore, "targetOwners">,
  others: ReadonlySet<string>,
): Promise<ReplicaReport> {
  const owners = await readOwners(store);
  const targets = [...(owners ?? [])].filter(([key]) => !others.has(key));
  return {
    id,
    isMember,
    owners,
    replicas: members.map((member) => ({
      id: member.id,
      isSelf: member.id === id,
      joinedAt: member.joinedAt,
      targets: owners && targets.filter(([, owner]) => owner === member.id).length,
    })),
  };
}

async function readOwners(store: Pick<ReplicaStore, "targetOwners">): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return await store.targetOwners();
  } catch (thrown) {
    if (thrown instanceof StoreUnavailable) return undefined;
    throw thrown;
  }
}
