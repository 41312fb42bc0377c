import { createAuthority } from "../certificates.ts";
import type { AuditDevice, VaultLab, VaultLabOptions } from "./contract.ts";
import type { RunningNode } from "./node.ts";
import { startNode } from "./node.ts";
import { withDefaults } from "./options.ts";
import { PkiEngine } from "./pki.ts";
import { VAULT_SCENARIOS } from "./scenarios.ts";
import type { LabState } from "./state.ts";
import { createState } from "./state.ts";

/**
 * Starts an emulated cluster of OpenBao or Vault on loopback, over HTTPS: initialised, unsealed and settled, with its
 * first node active. It behaves as OpenBao 2.7.2 was seen to, and as Vault's documents and source say.
 */
export async function startVaultLab(options: VaultLabOptions = {}): Promise<VaultLab> {
  const authority = options.authority ?? (await createAuthority());
  const state = createState(withDefaults(options));
  const nodes = await Promise.all(state.cluster.members.map((member) => startNode(state, member, authority)));
  return createLab(state, nodes, authority.certificatePem);
}

function createLab(state: LabState, nodes: readonly RunningNode[], caPem: string): VaultLab {
  const { cluster, tokens, policies, logins } = state;
  return {
    nodes,
    caPem,
    scenarios: VAULT_SCENARIOS,
    get rootToken() {
      return tokens.root.id;
    },
    get unsealKey() {
      return cluster.unsealKeys[0] ?? "";
    },
    get unsealKeys() {
      return cluster.unsealKeys;
    },
    active: () => nodes.find(({ member }) => cluster.isActive(member)),
    elect: () => cluster.elect(),
    createToken: (spec) => tokens.create(spec).token.id,
    revoke: (token) => tokens.revoke(token),
    writePolicy: (name, policy) => policies.write(name, policy),
    withdrawPolicies: (withdrawn) => {
      policies.withdrawn = withdrawn;
    },
    enableAppRole: (role) => logins.enableAppRole(role),
    enableKubernetes: (role) => logins.enableKubernetes(role),
    setAuditDevice: (path, device) => setAuditDevice(state, path, device),
    setIrrevocableLeases: (count) => {
      state.irrevocableLeases = count;
    },
    mountPki: async (path, { issuer, parent }) => {
      const engine = await PkiEngine.create(issuer, () => cluster.now(), state.pki.get(parent ?? ""));
      state.pki.set(path, engine);
      return engine;
    },
    close: async () => {
      cluster.close();
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

function setAuditDevice({ auditDevices }: LabState, path: string, device: AuditDevice | undefined): void {
  const key = path.endsWith("/") ? path : `${path}/`;
  if (device === undefined) auditDevices.delete(key);
  else auditDevices.set(key, device);
}
