import { readFileSync } from "node:fs";

/** The longest stretches, in milliseconds, in which the event loop served nothing else. */
export interface Stalls {
  /** By the wall clock. */
  readonly wall: number;
  /** Without the time in which this thread could run but the kernel gave the core to others. */
  readonly own: number;
}

/** Watches the event loop; each call of the result tells the longest stalls since the call before. */
export function watchStalls(): () => Stalls {
  const interval = 1;
  let wall = 0;
  let own = 0;
  let last = performance.now();
  let lastWaited = timeWithoutCore();
  const probe = (): void => {
    const now = performance.now();
    const waited = timeWithoutCore();
    const stall = now - last - interval;
    wall = Math.max(wall, stall);
    own = Math.max(own, stall - (waited - lastWaited));
    last = now;
    lastWaited = waited;
    setTimeout(probe, interval);
  };
  setTimeout(probe, interval);
  return () => {
    const found = { wall, own };
    wall = 0;
    own = 0;
    return found;
  };
}

/**
 * Milliseconds for which the main thread was ready and had no core; 0 where the kernel does not tell.
 * Source: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
 */
function timeWithoutCore(): number {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
