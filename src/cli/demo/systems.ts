import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProxmoxBackupLab } from "../../lab/proxmox-backup/proxmox-backup-lab.ts";
import { startProxmoxLab } from "../../lab/proxmox/proxmox-lab.ts";
import type { VaultLab } from "../../lab/vault/contract.ts";
import { startVaultLab } from "../../lab/vault/vault-lab.ts";

/** Emulated systems that the demo watches. */
export interface DemoSystems {
  readonly vault: VaultLab;
  /** The section `targets` that reads them. */
  readonly targets: object;
  /** Makes one thing go wrong in each. */
  breakSomething(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Vault cluster, a Proxmox VE cluster and a Proxmox Backup Server, all emulated. Files of the configuration go into `dir`. */
export async function startDemoSystems(dir: string): Promise<DemoSystems> {
  const [vault, proxmox, backup] = await Promise.all([startVaultLab(), startProxmoxLab(), startProxmoxBackupLab()]);
  const authorities = { "vault-ca.pem": vault.caPem, "proxmox-ca.pem": proxmox.caPem, "backup-ca.pem": backup.caPem };
  const secrets = {
    "vault-token": vault.rootToken,
    "proxmox-token": proxmox.tokenSecret,
    "backup-token": backup.tokenSecret,
  };
  for (const [name, pem] of Object.entries(authorities)) await writeFile(join(dir, name), pem);
  for (const [name, secret] of Object.entries(secrets)) await writeFile(join(dir, name), secret, { mode: 0o600 });
  const targets = {
    vault: [
      {
        name: "vault-lab",
        nodes: vault.nodes.map(({ url }) => url),
        ca_file: "vault-ca.pem",
        auth: { method: "token", token_file: "vault-token" },
        pace: 0.2,
      },
    ],
    proxmox: [
      {
        name: "pve-lab",
        nodes: proxmox.nodes.map(({ url }) => url),
        ca_file: "proxmox-ca.pem",
        token_id: proxmox.tokenId,
        token_secret_file: "proxmox-token",
        smart: true,
        pace: 0.2,
      },
    ],
    "proxmox-backup": [
      {
        name: "pbs-lab",
        url: backup.url,
        ca_file: "backup-ca.pem",
        token_id: backup.tokenId,
        token_secret_file: "backup-token",
        pace: 0.2,
      },
    ],
  };
  return {
    vault,
    targets,
    async breakSomething() {
      vault.nodes[2]?.seal();
      await proxmox.scenarios.zfs_degraded.run(proxmox);
      await backup.scenarios.verify_failed.run(backup);
    },
    async close() {
      await Promise.all([vault.close(), proxmox.close(), backup.close()]);
    },
  };
}
