import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess, type RunningProcess } from "./process.ts";
import { readExposition, type ReadSample } from "./read-exposition.ts";

/** The built service as one of several replicas. */
export interface ReplicaService {
  readonly url: string;
  readonly process: RunningProcess;
  /** Everything on `/metrics`. */
  samples(): Promise<readonly ReadSample[]>;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  kill(): Promise<void>;
  /** Stops it, if it runs, and removes its folder. */
  close(): Promise<void>;
}

/** Starts a replica over a database of PostgreSQL, and waits until it is ready. The project must be built. */
export async function startReplica(database: string, config: object): Promise<ReplicaService> {
  const folder = await createTemporaryFolder("replica");
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder.path, "watchkeeper.yaml");
  const server = { server: { listen: `127.0.0.1:${port}` }, store: { postgres: { url: database } } };
  await writeFile(file, stringify({ ...server, ...config }));
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const { statusCode, body } = await request(`${url}${path}`, { headersTimeout: 5_000, bodyTimeout: 5_000 });
    return { status: statusCode, text: await body.text() };
  };
  const running = await startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "serve", "--config", file],
    cwd: folder.path,
    deadlineMs: 60_000,
    ready: async () => (await get("/-/ready")).status === 200,
  });
  const samples = async (): Promise<readonly ReadSample[]> =>
    readExposition((await get("/metrics")).text, "text").flatMap((family) => family.samples);
  return {
    url,
    process: running,
    samples,
    get,
    async kill() {
      running.signal("SIGKILL");
      await running.ended;
    },
    async close() {
      await running.stop(20_000);
      await folder.remove();
    },
  };
}
