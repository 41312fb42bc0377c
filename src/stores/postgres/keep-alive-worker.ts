// The thread of keep-alive.ts.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { Secret } from "../../core/secret.ts";
import { accessTo, ImpatientClient, quiet } from "./connections.ts";
import { NOTED, SENT, type KeepAliveOrder } from "./keep-alive.ts";

const EVERY_MS = 3_000;
const AGAIN_MS = 1_000;
/** With what another replica waits after the last sign, a target of one that hangs is taken over within 30 s. */
const LONGEST_BUSY_NS = 12_000_000_000n;

const { url, id, times: buffer } = workerData as KeepAliveOrder;
const access = accessTo(new Secret(url));
const times = new BigInt64Array(buffer);
const hangs = (): boolean => process.hrtime.bigint() - Atomics.load(times, NOTED) > LONGEST_BUSY_NS;

for (;;) {
  const client = new ImpatientClient(access.config);
  quiet(client);
  try {
    await client.connect();
    for (;;) {
      if (!hangs()) await giveSign(client);
      await pause(EVERY_MS);
    }
  } catch {
    // said by the replica's own turns, which fail too
  }
  await client.end().catch(() => undefined);
  await pause(AGAIN_MS);
}

async function giveSign(client: ImpatientClient): Promise<void> {
  const asked = process.hrtime.bigint();
  const { rowCount } = await client.query("update replicas set beat = $1 where id = $2", [randomUUID(), id]);
  // a replica that others took out has no row, and must not believe that it is there
  if (rowCount === 1) Atomics.store(times, SENT, asked);
}
