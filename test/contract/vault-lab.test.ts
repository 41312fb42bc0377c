import { describe } from "vitest";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import { describeVaultContract, type VaultCluster } from "./vault-contract.ts";

async function startCluster(): Promise<VaultCluster> {
  const lab = await startVaultLab();
  lab.setAuditDevice("file/", { type: "file", options: { file_path: "audit.log" } });
  return {
    ...lab,
    enableAppRole: async (policies) => lab.enableAppRole({ policies, ttl: 2, maxTtl: 3600 }),
  };
}

describe("an emulated Vault", () => {
  describeVaultContract(startCluster);
});
