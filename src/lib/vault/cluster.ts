import { seconds } from "../../core/duration.ts";
import { CollectError, SERVER_REASONS, type CollectReason } from "../../core/errors.ts";
import { createHttpClient, type HttpClient } from "../http/client.ts";
import { readAuthorities } from "../http/login.ts";
import { callNode, vaultNode, type VaultNode } from "./api.ts";
import type { VaultAuth } from "./auth.ts";
import { VaultSession, type Send } from "./session.ts";

/** One cluster of Vault or OpenBao, and how it is called. */
export interface VaultCluster {
  readonly nodes: readonly VaultNode[];
  readonly http: HttpClient;
  /** Undefined when no login is configured. */
  readonly session: VaultSession | undefined;
  /**
   * Calls the nodes one after the other until one does not fail for a reason of its own; when all fail, the first
   * failure is thrown. Throws `CollectError`, or `NoData` where there is nothing of the kind.
   */
  readonly ask: Send;
}

/** How to reach a cluster, as the configuration has it. */
export interface VaultAccess {
  readonly nodes: readonly string[];
  readonly ca_file?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly server_name?: string | undefined;
  readonly auth?: VaultAuth | undefined;
}

/** In which order the nodes are asked; `answered` is the one that did so last. */
export type NodeOrder = (nodes: readonly VaultNode[], answered: VaultNode | undefined) => readonly VaultNode[];

const answeredFirst: NodeOrder = (nodes, answered) =>
  nodes.toSorted((a, b) => Number(b === answered) - Number(a === answered));

/**
 * Reads the file of the authorities and opens no connection; throws `CollectError` when it can not. The node that
 * answered last is asked first unless `inOrder` is given.
 */
export async function openVaultCluster(config: VaultAccess, inOrder: NodeOrder = answeredFirst): Promise<VaultCluster> {
  const http = createHttpClient({
    ca: await readAuthorities(config.ca_file),
    ...(config.fingerprint !== undefined && { fingerprint: config.fingerprint }),
    ...(config.server_name !== undefined && { serverName: config.server_name }),
    timeouts: { connect: seconds(3), headers: seconds(5), total: seconds(5) },
  });
  const nodes = config.nodes.map(vaultNode);
  let answered: VaultNode | undefined;
  const ask: Send = (call, token) =>
    anyNode(inOrder(nodes, answered), async (node) => {
      const answer = await callNode(http, node, call, token);
      answered = node;
      return answer;
    });
  return { nodes, http, ask, session: config.auth && new VaultSession(config.auth, ask) };
}

/** Gives the session's token back and lets go of the connections. */
export async function closeVaultCluster({ session, http }: VaultCluster): Promise<void> {
  await session?.close();
  await http.close();
}

/** Failures of one node that another node of the cluster may not have. */
const NODE_FAILURES: ReadonlySet<CollectReason> = new Set<CollectReason>([
  ...SERVER_REASONS,
  "server_error",
  "sealed",
  "not_initialized",
  "no_leader",
]);

async function anyNode<T>(nodes: readonly VaultNode[], ask: (node: VaultNode) => Promise<T>): Promise<T> {
  let first: CollectError | undefined;
  for (const node of nodes) {
    try {
      return await ask(node);
    } catch (thrown) {
      if (!(thrown instanceof CollectError) || !NODE_FAILURES.has(thrown.reason)) throw thrown;
      first ??= thrown;
    }
  }
  throw first ?? new CollectError("internal", "the target has no nodes");
}
