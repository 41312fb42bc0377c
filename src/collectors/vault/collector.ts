import { defineCollector } from "../../core/pack.ts";
import { closeVaultCluster, openVaultCluster } from "../../lib/vault/cluster.ts";
import { checkVault } from "./check.ts";
import { activeFirst, type VaultClient } from "./client.ts";
import { vaultConfig, type VaultConfig } from "./config.ts";
import { auditPart, haPart, leasesPart, raftPart, telemetryPart, tokenPart } from "./parts/authorized.ts";
import { healthPart, leaderPart, sealPart } from "./parts/public.ts";

async function connect(config: VaultConfig): Promise<VaultClient> {
  const states: VaultClient["states"] = new Map();
  return { ...(await openVaultCluster(config, (nodes) => activeFirst(nodes, states))), states };
}

/** Reads Vault and OpenBao clusters. */
export const vaultCollector = defineCollector<VaultConfig, VaultClient>({
  id: "vault",
  title: "Vault and OpenBao",
  config: vaultConfig,
  parts: [healthPart, sealPart, leaderPart, haPart, raftPart, auditPart, leasesPart, telemetryPart, tokenPart],
  connect,
  disconnect: closeVaultCluster,
  check: checkVault,
});
