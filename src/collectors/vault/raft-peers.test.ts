import { describe, expect, it } from "vitest";
import { vaultNode } from "../../lib/vault/api.ts";
import { configuredPeers } from "./raft-peers.ts";

const server = (node_id: string, address: string) => ({ node_id, address, leader: false, voter: true });
const haNode = (host: string, cluster: string) => ({
  api_address: `https://${host}`,
  cluster_address: `https://${cluster}`,
  active_node: false,
});

describe("configuredPeers", () => {
  it("recognises nodes on one host by what ha-status says of their ports", () => {
    const nodes = ["https://127.0.0.1:8200", "https://127.0.0.1:8210"].map(vaultNode);
    const seen = [haNode("127.0.0.1:8200", "127.0.0.1:8201"), haNode("127.0.0.1:8210", "127.0.0.1:8211")];
    const servers = [server("a", "127.0.0.1:8201"), server("b", "127.0.0.1:8211")];
    expect(configuredPeers(nodes, seen, servers)).toEqual(
      new Map([
        ["127.0.0.1:8200", true],
        ["127.0.0.1:8210", true],
      ]),
    );
  });

  it("finds the node that was removed from raft and answers all the same", () => {
    const nodes = ["https://127.0.0.1:8200", "https://127.0.0.1:8210"].map(vaultNode);
    const seen = [haNode("127.0.0.1:8200", "127.0.0.1:8201")];
    expect(configuredPeers(nodes, seen, [server("a", "127.0.0.1:8201")]).get("127.0.0.1:8210")).toBe(false);
  });

  it("finds it too while ha-status still remembers it", () => {
    const nodes = ["https://127.0.0.1:8200", "https://127.0.0.1:8210"].map(vaultNode);
    const seen = [haNode("127.0.0.1:8200", "127.0.0.1:8201"), haNode("127.0.0.1:8210", "127.0.0.1:8211")];
    expect(configuredPeers(nodes, seen, [server("a", "127.0.0.1:8201")]).get("127.0.0.1:8210")).toBe(false);
  });

  it("recognises nodes by host name when ha-status knows them by other addresses", () => {
    const nodes = ["https://vault-0.example", "https://vault-1.example"].map(vaultNode);
    const servers = [server("a", "vault-0.example:8201"), server("b", "vault-1.example:8201")];
    expect([...configuredPeers(nodes, [], servers).values()]).toEqual([true, true]);
  });

  it("says nothing of a node while a server is not recognised, because it may be that node", () => {
    const nodes = ["https://vault-0.example", "https://alias.example"].map(vaultNode);
    const servers = [server("a", "vault-0.example:8201"), server("b", "10.0.0.2:8201")];
    expect(configuredPeers(nodes, [], servers)).toEqual(new Map([["vault-0.example", true]]));
  });

  it("does not guess by a host name that several nodes have", () => {
    const nodes = ["https://127.0.0.1:8200", "https://127.0.0.1:8210"].map(vaultNode);
    expect(configuredPeers(nodes, [], [server("a", "127.0.0.1:8201")])).toEqual(new Map());
  });
});
