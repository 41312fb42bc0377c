import type { VaultLab, VaultLabNode, VaultScenario, VaultScenarioName } from "./contract.ts";

/** What an operator may want to see happen to a cluster, by name. */
export const VAULT_SCENARIOS: Readonly<Record<VaultScenarioName, VaultScenario>> = {
  seal_a_node: {
    help: "seals a standby: it answers 503 and the cluster can lose no further node",
    run: async (lab) => victim(lab).seal(),
  },
  lose_the_leader: {
    help: "ends the process of the active node: its port is closed and another node takes over",
    run: async (lab) => lab.active()?.stop(),
  },
  hang_a_node: {
    help: "freezes a standby: it takes connections and answers nothing",
    run: (lab) => victim(lab).setFault({ kind: "hang" }),
  },
  garbage: {
    help: "puts a login page in front of a standby: every request is answered 200 with HTML",
    run: (lab) => victim(lab).setFault({ kind: "html" }),
  },
  forbidden: {
    help: "takes all rights from every token but root's: what needs a token is answered 403",
    run: async (lab) => lab.withdrawPolicies(true),
  },
  recover: {
    help: "ends all faults, starts and unseals every node and gives the tokens their rights back",
    run: recover,
  },
};

/** A standby if there is one. */
function victim(lab: VaultLab): VaultLabNode {
  const node = lab.nodes.findLast((one) => one !== lab.active()) ?? lab.nodes[0];
  if (node === undefined) throw new RangeError("the cluster has no nodes");
  return node;
}

async function recover(lab: VaultLab): Promise<void> {
  for (const node of lab.nodes) {
    await node.setFault(undefined);
    await node.start();
    node.joinRaft();
    node.unseal();
    node.setAppliedLag(0);
    node.setClockSkew(0);
    node.setVoter(true);
  }
  lab.withdrawPolicies(false);
  lab.elect();
}
