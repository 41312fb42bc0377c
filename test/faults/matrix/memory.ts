import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a cell costs in memory, in bytes: to be used where nothing else runs in the process. */
export interface MemoryWatch {
  /** How much more the process had resident at its most than at the beginning. */
  grown(): number;
  /** How much more is in use than at the beginning; what is just being let go of gets a second for it. */
  kept(): Promise<number>;
}

/** Begins to watch, after a collection of garbage. */
export function watchMemory(): MemoryWatch {
  const before = keptBytes();
  forgetPeak();
  const start = peakBytes();
  return { grown: () => peakBytes() - start, kept: () => keptSince(before) };
}

/**
 * Where the system can not forget it, only a peak above all former ones is seen: growth is then told too small, never
 * too large. Source: https://docs.kernel.org/filesystems/proc.html, section 1.1, `clear_refs`
 */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // a system without it, or one that does not let a process do this
  }
}

/** The figure of the resource usage may be that of the process that this one was forked from. */
function peakBytes(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kibibytes !== undefined) return Number(kibibytes) * 1_024;
  } catch {
    // no Linux
  }
  return process.resourceUsage().maxRSS * 1_024;
}

const LOOKS = 5;
const LOOK_MS = 200;
const LITTLE = 1024 * 1024 * 16;

async function keptSince(before: number): Promise<number> {
  let kept = keptBytes() - before;
  for (let look = 1; look < LOOKS && kept > LITTLE; look += 1) {
    await pause(LOOK_MS);
    kept = keptBytes() - before;
  }
  return kept;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use after a collection of garbage. */
function keptBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
