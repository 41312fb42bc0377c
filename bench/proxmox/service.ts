import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { startService, type Service } from "../service.ts";
import type { LabToken } from "./lab.ts";
import type { LabProcess } from "./lab-process.ts";

/** Starts the built service with one target, the whole cluster, and waits until every part was polled once. */
export const startClusterService = (lab: LabProcess, token: LabToken): Promise<Service> =>
  startService(lab.caPem, (caFile) => ({ proxmox: [targetOf(lab, token, caFile)] }));

/** Opens the same target within this process. */
export async function openTarget(lab: LabProcess, token: LabToken): Promise<OpenTarget> {
  const folder = await createTemporaryFolder("bench-proxmox");
  const caFile = join(folder.path, "ca.pem");
  try {
    await writeFile(caFile, lab.caPem);
    return await proxmoxCollector.target.parse(targetOf(lab, token, caFile)).open();
  } finally {
    await folder.remove();
  }
}

const targetOf = ({ nodes }: LabProcess, { id, secret }: LabToken, caFile: string): object => ({
  name: "bench",
  nodes: nodes.map(({ url }) => url),
  ca_file: caFile,
  token_id: id,
  token_secret: secret,
});
