import { NoData } from "../../core/errors.ts";
import type { VaultCall, VaultNode } from "../../lib/vault/api.ts";
import type { VaultCluster } from "../../lib/vault/cluster.ts";
import type { NodeState } from "./metrics.ts";

/** What the parts of one cluster share. */
export interface VaultClient extends VaultCluster {
  /** What each node last said of itself, by its name; a node that does not answer is left out. */
  readonly states: Map<string, NodeState>;
}

/** The nodes in the order in which they are asked: the active one first, then the standbys. */
export function activeFirst(nodes: readonly VaultNode[], states: ReadonlyMap<string, NodeState>): readonly VaultNode[] {
  const rank = ({ name }: VaultNode) => {
    const state = states.get(name);
    return state === "active" ? 0 : state === "standby" || state === "performance_standby" ? 1 : 2;
  };
  return nodes.toSorted((a, b) => rank(a) - rank(b));
}

/** Calls whichever node answers, with the session's token. Throws `NoData` when no login is configured. */
export async function callCluster<T>({ session, ask }: VaultClient, call: VaultCall<T>): Promise<T> {
  if (session === undefined)
    throw new NoData("no login is configured, so only health, seal status and leader are read");
  return session.authorized(call.signal, (token) => ask(call, token));
}
