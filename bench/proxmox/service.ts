import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "../../test/helpers/free-ports.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { startProcess } from "../../test/helpers/process.ts";
import type { LabToken } from "./lab.ts";
import type { LabProcess } from "./lab-process.ts";

/** The built service. */
export interface Service {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the built service with one target, the whole cluster, and waits until every part was polled once. */
export async function startService(lab: LabProcess, token: LabToken): Promise<Service> {
  const folder = await createTemporaryFolder("bench-proxmox");
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const target = await targetOf(lab, token, folder.path);
  const config = { server: { listen: `127.0.0.1:${port}` }, log: { level: "error" }, targets: { proxmox: [target] } };
  const configFile = join(folder.path, "watchkeeper.yaml");
  await writeFile(configFile, stringify(config));
  const started = await startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "serve", "--config", configFile],
    deadlineMs: 180_000,
    ready: () => isReady(url),
  });
  return {
    pid: started.pid,
    url: `${url}/metrics`,
    async stop() {
      await started.stop();
      await folder.remove();
    },
  };
}

/** Opens the same target within this process. */
export async function openTarget(lab: LabProcess, token: LabToken): Promise<OpenTarget> {
  const folder = await createTemporaryFolder("bench-proxmox");
  try {
    return await proxmoxCollector.target.parse(await targetOf(lab, token, folder.path)).open();
  } finally {
    await folder.remove();
  }
}

async function targetOf(lab: LabProcess, token: LabToken, folder: string): Promise<object> {
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, lab.caPem);
  const nodes = lab.nodes.map(({ url }) => url);
  return { name: "bench", nodes, ca_file: caFile, token_id: token.id, token_secret: token.secret };
}

async function isReady(url: string): Promise<boolean> {
  const { statusCode, body } = await request(`${url}/-/ready`);
  await body.dump();
  return statusCode === 200;
}
