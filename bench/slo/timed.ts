import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { peakMemory } from "../usage.ts";

/** What one run of a program took. */
export interface Timed {
  readonly seconds: number;
  /** The most memory that the kernel saw resident, looked at every 20 ms; not a number where it does not tell. */
  readonly rssBytes: number;
}

/** Runs a program to its end; throws when it fails, with what it said. */
export async function timed(command: string, args: readonly string[]): Promise<Timed> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  const ended = once(child, "close");
  let rssBytes = Number.NaN;
  const watched = (async () => {
    while (child.exitCode === null && child.signalCode === null) {
      const seen = peakMemory(child.pid);
      // a process that has just ended has none
      if (Number.isFinite(seen)) rssBytes = seen;
      await pause(20);
    }
  })();
  await ended;
  const seconds = (performance.now() - begun) / 1_000;
  await watched;
  if (child.exitCode !== 0) throw new Error(`${command} ended with exit code ${child.exitCode}: ${said}`);
  return { seconds, rssBytes };
}
