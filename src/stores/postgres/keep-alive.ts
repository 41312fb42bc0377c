import { Worker } from "node:worker_threads";
import type { KeepAlive } from "../../core/replica-store.ts";
import type { Secret } from "../../core/secret.ts";

/** What the thread is started with. */
export interface KeepAliveOrder {
  readonly url: string;
  readonly id: string;
  /**
   * Two numbers of 64 bits, in nanoseconds of `process.hrtime.bigint`: at {@link SENT} when the newest answered sign
   * was sent, 0 before; at {@link NOTED} when the replica's own work was last seen to go on.
   */
  readonly times: SharedArrayBuffer;
}

/** Places in `times`. */
export const SENT = 0;
export const NOTED = 1;

/**
 * Renews a replica's beat from a thread and by a connection of its own: a process that has much to compute, or whose
 * connections are all at work, is busy and not dead.
 */
export function keepAlive(url: Secret, id: string): KeepAlive {
  const times = new BigInt64Array(new SharedArrayBuffer(16));
  const note = (): void => void Atomics.store(times, NOTED, process.hrtime.bigint());
  note();
  const order: KeepAliveOrder = { url: url.reveal(), id, times: times.buffer };
  // it stands beside this file, compiled or not
  const file = new URL(import.meta.url.replace(/keep-alive(\.[jt]s)$/, "keep-alive-worker$1"));
  const worker = new Worker(file, { workerData: order, execArgv: [], stdout: false });
  worker.unref();
  // without it the replica renews only at each turn of its own, and stops to poll when those come too late
  worker.on("error", () => undefined);
  const ahead = performance.now() - Number(process.hrtime.bigint()) / 1e6;
  return {
    lastSign() {
      const nanoseconds = Atomics.load(times, SENT);
      return nanoseconds === 0n ? undefined : Number(nanoseconds) / 1e6 + ahead;
    },
    note,
    stop: async () => void (await worker.terminate()),
  };
}
