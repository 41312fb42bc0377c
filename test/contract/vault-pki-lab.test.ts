import { describe } from "vitest";
import { hours } from "../../src/core/duration.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import { describePkiContract, type PkiCluster } from "./vault-pki-contract.ts";

async function startCluster(): Promise<PkiCluster> {
  const lab = await startVaultLab();
  await lab.mountPki("root", { issuer: "lab-root" });
  const pki = await lab.mountPki("pki", { issuer: "lab-issuing", parent: "root" });
  return {
    urls: lab.nodes.map(({ url }) => url),
    caPem: lab.caPem,
    issue: (commonName, life = 24) => pki.issue({ commonName, life: hours(life) }),
    revoke: (serial) => pki.revoke(serial),
    rotate: () => pki.rotate(),
    configure: async (settings) => pki.configure(settings),
    writePolicy: async (name, policy) => lab.writePolicy(name, policy),
    createToken: async (policies) => lab.createToken({ policies, ttl: 3600 }),
    revokeToken: async (token) => lab.revoke(token),
    close: () => lab.close(),
  };
}

describe("an emulated Vault", () => {
  describePkiContract(startCluster);
});
