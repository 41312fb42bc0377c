import type { z } from "zod";
import type { VaultNode } from "../../lib/vault/api.ts";
import type { haStatusShape, raftConfigurationShape } from "./schema.ts";

/** One node of `sys/ha-status`. */
export type HaNode = z.output<typeof haStatusShape>[number];

/** One server of raft's configuration. */
export type RaftServer = z.output<typeof raftConfigurationShape>[number];

/**
 * Tells for each configured node whether it is one of raft's servers, because a node that was removed from raft may go
 * on answering its health check with 200 (https://github.com/hashicorp/vault/issues/17920). Raft knows cluster
 * addresses and the configuration API addresses, so a node is recognised by what `sys/ha-status` says of it, or by a
 * host name that only one node and one server have. When every server is recognised as some other node, a node that is
 * left over is none of them. A node about which nothing is sure is left out.
 */
export function configuredPeers(
  nodes: readonly VaultNode[],
  haNodes: readonly HaNode[],
  servers: readonly RaftServer[],
): Map<string, boolean> {
  const serverOf = new Map<string, RaftServer>();
  for (const node of nodes) {
    const server = byHaStatus(node, haNodes, servers) ?? byHostName(node, nodes, servers);
    if (server !== undefined) serverOf.set(node.name, server);
  }
  const areAllRecognised = new Set(serverOf.values()).size === servers.length;
  const known = new Map<string, boolean>();
  for (const { name } of nodes) {
    if (serverOf.has(name)) known.set(name, true);
    else if (areAllRecognised) known.set(name, false);
  }
  return known;
}

function byHaStatus(
  node: VaultNode,
  haNodes: readonly HaNode[],
  servers: readonly RaftServer[],
): RaftServer | undefined {
  const own = haNodes.find(({ api_address }) => hostOf(api_address) === node.name);
  const address = own?.cluster_address === undefined ? undefined : hostOf(own.cluster_address);
  return servers.find((server) => server.address === address);
}

function byHostName(
  node: VaultNode,
  nodes: readonly VaultNode[],
  servers: readonly RaftServer[],
): RaftServer | undefined {
  const host = new URL(node.url).hostname;
  const [server, ...otherServers] = servers.filter(({ address }) => hostNameOf(address) === host);
  const sameHost = nodes.filter(({ url }) => new URL(url).hostname === host);
  return sameHost.length === 1 && otherServers.length === 0 ? server : undefined;
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);
const hostNameOf = (address: string): string => address.replace(/:\d+$/, "");
