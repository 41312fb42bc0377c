import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { ProxmoxLab, ProxmoxLabOptions, ProxmoxToken } from "../../src/lab/proxmox/contract.ts";
import { startProxmoxLab } from "../../src/lab/proxmox/proxmox-lab.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

/** An emulated cluster for the length of one test. */
export async function startLab(options: ProxmoxLabOptions = {}): Promise<ProxmoxLab> {
  const lab = await startProxmoxLab(options);
  onTestFinished(() => lab.close());
  return lab;
}

/** What is not as usual in the configuration of a target. */
interface TargetOptions {
  /** The names of the nodes that are listed, in this order; the first one unless given. */
  readonly nodes?: readonly string[];
  /** The lab's own unless given. */
  readonly token?: ProxmoxToken;
  /** Put over the configuration, last. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The pack's target of an emulated cluster, for the length of one test. */
export async function openTarget(lab: ProxmoxLab, options: TargetOptions = {}): Promise<OpenTarget> {
  const { nodes = ["pve1"], token = { id: lab.tokenId, secret: lab.tokenSecret }, more = {} } = options;
  const folder = await createTemporaryFolder("proxmox");
  const ca_file = join(folder.path, "ca.pem");
  await writeFile(ca_file, lab.caPem);
  const config = {
    name: "lab",
    nodes: nodes.map((name) => lab.node(name).url),
    ca_file,
    token_id: token.id,
    token_secret: token.secret,
    ...more,
  };
  const target = await proxmoxCollector.target.parse(config).open();
  onTestFinished(async () => {
    await target.close();
    await folder.remove();
  });
  return target;
}
