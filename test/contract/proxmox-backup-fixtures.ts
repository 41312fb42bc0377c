import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { proxmoxBackupCollector } from "../../src/collectors/proxmox-backup/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { ProxmoxBackupLab, ProxmoxBackupLabOptions } from "../../src/lab/proxmox-backup/contract.ts";
import { startProxmoxBackupLab } from "../../src/lab/proxmox-backup/proxmox-backup-lab.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

/** An emulated server and a way to open it as a target. */
export interface OpenedBackupLab {
  readonly lab: ProxmoxBackupLab;
  /** Opened with the lab's token. */
  readonly target: OpenTarget;
  open(config?: Readonly<Record<string, unknown>>): Promise<OpenTarget>;
}

/** Starts an emulated server that ends with the test. */
export async function openBackupLab(options: ProxmoxBackupLabOptions = {}): Promise<OpenedBackupLab> {
  const lab = await startProxmoxBackupLab(options);
  const folder = await createTemporaryFolder("proxmox-backup");
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, lab.caPem);
  onTestFinished(async () => {
    await lab.close();
    await folder.remove();
  });
  const open = async (config: Readonly<Record<string, unknown>> = {}): Promise<OpenTarget> => {
    const usual = { token_id: lab.tokenId, token_secret: lab.tokenSecret, ca_file: caFile };
    const target = await proxmoxBackupCollector.target.parse({ name: "pbs", url: lab.url, ...usual, ...config }).open();
    onTestFinished(() => target.close());
    return target;
  };
  return { lab, target: await open(), open };
}
