import type { Inhibition } from "../../core/pack.ts";

/** What says nothing new while another alert of the cluster fires. */
export const vaultInhibitions: readonly Inhibition[] = [
  {
    by: "VaultDown",
    silences: ["WatchkeeperPartIncomplete"],
    equal: ["target"],
    because: "The piece that can not be read is the node that is down.",
  },
  {
    by: "VaultNoSingleActiveNode",
    silences: ["VaultLeaderUnknown"],
    equal: ["target"],
    because: "Without exactly one active node, what each node knows of it is no news.",
  },
  {
    by: "VaultNodeNotRaftPeer",
    silences: ["VaultLeaderUnknown", "VaultNodeDisconnected"],
    equal: ["target", "node"],
    because: "A node that is no raft server is cut off from the active node.",
  },
];
