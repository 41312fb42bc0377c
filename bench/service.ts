import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { packageRoot } from "../src/lib/package.ts";
import { freePorts } from "../test/helpers/free-ports.ts";
import { createTemporaryFolder } from "../test/helpers/janitor.ts";
import { startProcess } from "../test/helpers/process.ts";

/** The built program. */
export const MAIN = join(packageRoot, "dist/cli/main.js");

/** The built service. */
export interface Service {
  readonly pid: number;
  /** Without a path. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the built service with targets that trust an authority, whose file `targetsOf` is given, and waits until every part was polled once. */
export async function startService(caPem: string, targetsOf: (caFile: string) => object): Promise<Service> {
  const folder = await createTemporaryFolder("bench-service");
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, caPem);
  const config = { server: { listen: `127.0.0.1:${port}` }, log: { level: "error" }, targets: targetsOf(caFile) };
  const configFile = join(folder.path, "watchkeeper.yaml");
  await writeFile(configFile, stringify(config));
  const started = await startProcess({
    command: process.execPath,
    args: [MAIN, "serve", "--config", configFile],
    deadlineMs: 180_000,
    ready: async () => {
      const { statusCode, body } = await request(`${url}/-/ready`);
      await body.dump();
      return statusCode === 200;
    },
  });
  return {
    pid: started.pid,
    url,
    async stop() {
      await started.stop();
      await folder.remove();
    },
  };
}
