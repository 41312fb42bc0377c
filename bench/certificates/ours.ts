import { request } from "undici";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import { startService } from "../service.ts";
import { cpuSecondsOf, residentMemory } from "../usage.ts";
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
  const begun = performance.now();
  const { pid, url, stop } = await startService(servers.caPem, (caFile) => targetsOf(servers, caFile));
  try {
    await waitUntil("every endpoint is probed", async () => (await succeeded(url)) === servers.addresses.length, {
      deadlineMs: 180_000,
    });
    const wallS = (performance.now() - begun) / 1000;
    return { wallS, ...(await steadily(pid, servers)) };
  } finally {
    await stop();
  }
}

async function steadily(pid: number, servers: ServerProcess): Promise<Omit<Round, "wallS">> {
  const [cpu, probes] = [cpuSecondsOf(pid), await servers.handshakes()];
  const enough = probes + ROUNDS * servers.addresses.length;
  let memory = 0;
  await waitUntil(
    "some rounds are over",
    async () => {
      memory = Math.max(memory, residentMemory(pid));
      return (await servers.handshakes()) >= enough;
    },
    { deadlineMs: 300_000 },
  );
  const cpuMs = ((cpuSecondsOf(pid) - cpu) * 1000) / ((await servers.handshakes()) - probes);
  return { cpuMs, memory };
}

const targetsOf = ({ addresses }: ServerProcess, caFile: string): object => ({
  certificates: [
    {
      name: "bench",
      pace: 1,
      probe_every: `${PROBE_EVERY}s`,
      endpoints: [{ urls: addresses.map((address) => `tls://${address}`), ca_file: caFile }],
    },
  ],
});

async function succeeded(url: string): Promise<number> {
  const { body } = await request(`${url}/metrics`);
  return (await body.text()).match(/^probe_success\{.*\} 1$/gm)?.length ?? 0;
}
