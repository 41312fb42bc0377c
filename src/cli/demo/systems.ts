import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startCertificatesLab } from "../../lab/certificates/certificates-lab.ts";
import { startProxmoxBackupLab } from "../../lab/proxmox-backup/proxmox-backup-lab.ts";
import { startProxmoxLab } from "../../lab/proxmox/proxmox-lab.ts";
import { startTrueNasLab } from "../../lab/truenas/truenas-lab.ts";
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

/** One emulated system. */
interface DemoSystem {
  /** Key under `targets`. */
  readonly kind: string;
  /** Files of the configuration by name, and whether they are secret. */
  readonly files: Readonly<Record<string, { readonly text: string; readonly isSecret: boolean }>>;
  readonly target: object;
  breakSomething(): Promise<void>;
  close(): Promise<void>;
}

/** How much more often than usual they are polled. */
const PACE = 0.2;

/**
 * Starts a Vault cluster, a Proxmox VE cluster, a Proxmox Backup Server, a TrueNAS and servers with certificates, all
 * emulated. Files of the configuration go into `dir`.
 */
export async function startDemoSystems(dir: string): Promise<DemoSystems> {
  const vault = await startVaultLab();
  const systems = [
    vaultSystem(vault),
    ...(await Promise.all([startProxmox(), startBackup(), startNas(), startCertificates(dir)])),
  ];
  for (const { files } of systems)
    for (const [name, { text, isSecret }] of Object.entries(files))
      await writeFile(join(dir, name), text, { mode: isSecret ? 0o600 : 0o644 });
  return {
    vault,
    targets: Object.fromEntries(systems.map(({ kind, target }) => [kind, [{ ...target, pace: PACE }]])),
    async breakSomething() {
      for (const system of systems) await system.breakSomething();
    },
    async close() {
      await Promise.all(systems.map((system) => system.close()));
    },
  };
}

const shown = (text: string) => ({ text, isSecret: false });
const secret = (text: string) => ({ text, isSecret: true });

const vaultSystem = (lab: VaultLab): DemoSystem => ({
  kind: "vault",
  files: { "vault-ca.pem": shown(lab.caPem), "vault-token": secret(lab.rootToken) },
  target: {
    name: "vault-lab",
    nodes: lab.nodes.map(({ url }) => url),
    ca_file: "vault-ca.pem",
    auth: { method: "token", token_file: "vault-token" },
  },
  breakSomething: async () => lab.nodes[2]?.seal(),
  close: () => lab.close(),
});

async function startProxmox(): Promise<DemoSystem> {
  const lab = await startProxmoxLab();
  return {
    kind: "proxmox",
    files: { "proxmox-ca.pem": shown(lab.caPem), "proxmox-token": secret(lab.tokenSecret) },
    target: {
      name: "pve-lab",
      nodes: lab.nodes.map(({ url }) => url),
      ca_file: "proxmox-ca.pem",
      token_id: lab.tokenId,
      token_secret_file: "proxmox-token",
      smart: true,
    },
    breakSomething: () => lab.scenarios.zfs_degraded.run(lab),
    close: () => lab.close(),
  };
}

async function startBackup(): Promise<DemoSystem> {
  const lab = await startProxmoxBackupLab();
  return {
    kind: "proxmox-backup",
    files: { "backup-ca.pem": shown(lab.caPem), "backup-token": secret(lab.tokenSecret) },
    target: {
      name: "pbs-lab",
      url: lab.url,
      ca_file: "backup-ca.pem",
      token_id: lab.tokenId,
      token_secret_file: "backup-token",
    },
    breakSomething: () => lab.scenarios.verify_failed.run(lab),
    close: () => lab.close(),
  };
}

async function startNas(): Promise<DemoSystem> {
  const lab = await startTrueNasLab();
  return {
    kind: "truenas",
    files: { "nas-ca.pem": shown(lab.caPem), "nas-key": secret(lab.apiKey) },
    target: {
      name: "nas-lab",
      url: lab.url,
      ca_file: "nas-ca.pem",
      username: lab.username,
      api_key_file: "nas-key",
    },
    breakSomething: () => lab.scenarios.detached_mirror.run(lab),
    close: () => lab.close(),
  };
}

async function startCertificates(dir: string): Promise<DemoSystem> {
  const lab = await startCertificatesLab();
  const folder = join(dir, "certificates");
  await mkdir(folder);
  return {
    kind: "certificates",
    files: {},
    target: await lab.target(folder),
    // renewed, and nobody told the server
    breakSomething: async () => void (await lab.renew("good")),
    close: () => lab.close(),
  };
}
