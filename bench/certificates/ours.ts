import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "../../test/helpers/free-ports.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { startProcess } from "../../test/helpers/process.ts";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import { cpuSecondsOf, residentMemory } from "../intake/usage.ts";
import type { ServerProcess } from "./server-process.ts";

/** What a look at every endpoint took. */
export interface Round {
  /** Milliseconds of computing for each probe. */
  readonly cpuMs: number;
  /** Seconds until the last one was done. */
  readonly wallS: number;
  /** Bytes. */
  readonly memory: number;
}

/** Often enough that there is a second round soon, and seldom enough that the two do not meet. */
const PROBE_EVERY = 20;
const ROUNDS = 3;

/**
 * The built service looks at every endpoint; from its second round on, all that it computes is counted: probing, judging,
 * recording and encoding.
 */
export async function measureOurs(servers: ServerProcess): Promise<Round> {
  const folder = await createTemporaryFolder("bench-certificates");
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder.path, "ca.pem"), servers.caPem);
  const configFile = join(folder.path, "watchkeeper.yaml");
  await writeFile(configFile, stringify(configOf(servers, `127.0.0.1:${port}`)));
  const begun = performance.now();
  const service = await startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "serve", "--config", configFile],
    deadlineMs: 180_000,
    ready: async () => {
      const { statusCode, body } = await request(`${url}/-/ready`);
      await body.dump();
      return statusCode === 200;
    },
  });
  try {
    await waitUntil("every endpoint is probed", async () => (await succeeded(url)) === servers.addresses.length, {
      deadlineMs: 180_000,
    });
    const wallS = (performance.now() - begun) / 1000;
    return { wallS, ...(await steadily(service.pid, servers)) };
  } finally {
    await service.stop();
    await folder.remove();
  }
}

async function steadily(pid: number, servers: ServerProcess): Promise<Omit<Round, "wallS">> {
  const [cpu, probes] = [cpuSecondsOf(pid), await servers.handshakes()];
  const enough = probes + ROUNDS * servers.addresses.length;
  let memory = 0;
  await waitUntil(
    "some rounds are over",
    async () => {
      memory = Math.max(memory, residentMemory(pid) ?? Number.NaN);
      return (await servers.handshakes()) >= enough;
    },
    { deadlineMs: 300_000 },
  );
  const cpuMs = ((cpuSecondsOf(pid) - cpu) * 1000) / ((await servers.handshakes()) - probes);
  return { cpuMs, memory };
}

const configOf = ({ addresses }: ServerProcess, listen: string): object => ({
  server: { listen },
  log: { level: "error" },
  targets: {
    certificates: [
      {
        name: "bench",
        pace: 1,
        probe_every: `${PROBE_EVERY}s`,
        endpoints: [{ urls: addresses.map((address) => `tls://${address}`), ca_file: "ca.pem" }],
      },
    ],
  },
});

async function succeeded(url: string): Promise<number> {
  const { body } = await request(`${url}/metrics`);
  return (await body.text()).match(/^probe_success\{.*\} 1$/gm)?.length ?? 0;
}
