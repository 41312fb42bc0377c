import { CollectError, NoData, SERVER_REASONS, type CollectReason } from "../../core/errors.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { callNode, type VaultCall, type VaultNode } from "./api.ts";
import type { NodeState } from "./metrics.ts";
import type { VaultSession } from "./session.ts";

/** What the parts of one cluster share. */
export interface VaultClient {
  readonly nodes: readonly VaultNode[];
  readonly http: HttpClient;
  /** Undefined when no login is configured. */
  readonly session: VaultSession | undefined;
  /** What each node last said of itself, by its name; a node that does not answer is left out. */
  readonly states: Map<string, NodeState>;
}

/** Failures of one node that another node of the cluster may not have. */
const NODE_FAILURES: ReadonlySet<CollectReason> = new Set<CollectReason>([
  ...SERVER_REASONS,
  "server_error",
  "sealed",
  "not_initialized",
  "no_leader",
]);

/**
 * Asks the nodes one after the other, the active one first, until one does not fail for a reason of its own. When all
 * fail, the first failure is thrown.
 */
export async function anyNode<T>(client: VaultClient, ask: (node: VaultNode) => Promise<T>): Promise<T> {
  const rank = ({ name }: VaultNode) => {
    const state = client.states.get(name);
    return state === "active" ? 0 : state === "standby" || state === "performance_standby" ? 1 : 2;
  };
  let first: CollectError | undefined;
  for (const node of client.nodes.toSorted((a, b) => rank(a) - rank(b))) {
    try {
      return await ask(node);
    } catch (thrown) {
      if (!(thrown instanceof CollectError) || !NODE_FAILURES.has(thrown.reason)) throw thrown;
      first ??= thrown;
    }
  }
  throw first ?? new CollectError("internal", "the target has no nodes");
}

/** Calls whichever node answers, with the session's token. Throws `NoData` when no login is configured. */
export async function callCluster<T>(client: VaultClient, call: VaultCall<T>): Promise<T> {
  const { session } = client;
  if (session === undefined)
    throw new NoData("no login is configured, so only health, seal status and leader are read");
  return session.authorized(call.signal, (token) =>
    anyNode(client, (node) => callNode(client.http, node, call, token)),
  );
}
