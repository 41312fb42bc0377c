import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { Agent, request } from "undici";
import { freePorts } from "../../test/helpers/free-ports.ts";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { startProcess } from "../../test/helpers/process.ts";
import { cpuSecondsOf, residentMemory } from "../usage.ts";
import type { Round } from "./ours.ts";
import type { ServerProcess } from "./server-process.ts";

/** As many at once as ours. */
const AT_ONCE = 64;
const ROUNDS = 3;

/** blackbox_exporter is asked for every endpoint, as a Prometheus would; what asking costs is not counted. */
export async function measureTheirs(servers: ServerProcess, command: string): Promise<Round> {
  const folder = await createTemporaryFolder("bench-blackbox");
  await writeFile(join(folder.path, "ca.pem"), servers.caPem);
  const file = join(folder.path, "blackbox.yml");
  const tls = { ca_file: join(folder.path, "ca.pem") };
  await writeFile(file, JSON.stringify({ modules: { tls: { prober: "tcp", tcp: { tls: true, tls_config: tls } } } }));
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const exporter = await startProcess({
    command,
    args: [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"],
    ready: async () => (await request(`${url}/-/healthy`)).statusCode === 200,
  });
  try {
    const ask = probeAll(url, servers.addresses);
    await ask();
    const cpu = cpuSecondsOf(exporter.pid);
    const begun = performance.now();
    let memory = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await ask();
      memory = Math.max(memory, residentMemory(exporter.pid));
    }
    const wallS = (performance.now() - begun) / 1000 / ROUNDS;
    const probes = ROUNDS * servers.addresses.length;
    return { cpuMs: ((cpuSecondsOf(exporter.pid) - cpu) * 1000) / probes, wallS, memory };
  } finally {
    await exporter.stop();
    await folder.remove();
  }
}

function probeAll(url: string, addresses: readonly string[]): () => Promise<void> {
  const limit = pLimit(AT_ONCE);
  const dispatcher = new Agent({ connections: AT_ONCE });
  const probe = async (address: string): Promise<void> => {
    const { body } = await request(`${url}/probe?module=tls&target=${address}`, { dispatcher });
    if (!/^probe_success 1$/m.test(await body.text())) throw new Error(`blackbox_exporter could not probe ${address}`);
  };
  return async () => {
    await Promise.all(addresses.map((address) => limit(probe, address)));
  };
}
