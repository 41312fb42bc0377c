import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** What one run of a program took. */
export interface Timed {
  readonly seconds: number;
  /** The most memory that the kernel saw resident, looked at every 20 ms; 0 where there is no /proc. */
  readonly rssBytes: number;
}

/** Runs a program to its end; throws when it fails, with what it said. */
export async function timed(command: string, args: readonly string[]): Promise<Timed> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  const ended = once(child, "close");
  let rssBytes = 0;
  const watched = (async () => {
    while (child.exitCode === null && child.signalCode === null) {
      rssBytes = Math.max(rssBytes, peakOf(child.pid));
      await pause(20);
    }
  })();
  await ended;
  const seconds = (performance.now() - begun) / 1_000;
  await watched;
  if (child.exitCode !== 0) throw new Error(`${command} ended with exit code ${child.exitCode}: ${said}`);
  return { seconds, rssBytes };
}

/** Source: https://docs.kernel.org/filesystems/proc.html */
function peakOf(pid: number | undefined): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(found ?? 0) * 1024;
  } catch {
    return 0;
  }
}
