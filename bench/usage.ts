import { readdirSync, readFileSync } from "node:fs";

/** Ticks of the kernel's clock in a second, as programs see it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICKS_PER_SECOND = 100;

/** Seconds that the processes under this one have computed: the services and the database. Not a number where the kernel does not tell. */
export const cpuSecondsBelow = (): number => cpuSeconds(descendants(process.pid));

/** Seconds that a process and those under it have computed; not a number where the kernel does not tell. */
export const cpuSecondsOf = (pid: number): number => cpuSeconds(processes().includes(pid) ? family(pid) : []);

function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = statFields(pid);
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  if (ticks.length === 0) return Number.NaN;
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/**
 * Resident memory of a process and those under it in bytes, pages that they share counted once; not a number where the
 * kernel does not tell. Source: https://docs.kernel.org/filesystems/proc.html
 */
export function sharedMemory(pid: number): number {
  const kilobytes = family(pid).map((one) => Number(/^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${one}/smaps_rollup`))?.[1]));
  return kilobytes.reduce((sum, one) => sum + one, 0) * 1024;
}

/** Resident memory of a process in bytes; not a number where the kernel does not tell. */
export const residentMemory = (pid: number | undefined): number => memoryLine(pid, "VmRSS");

/** The most of it that the kernel saw so far. */
export const peakMemory = (pid: number | undefined): number => memoryLine(pid, "VmHWM");

/** Source: https://docs.kernel.org/filesystems/proc.html */
const memoryLine = (pid: number | undefined, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(read(`/proc/${pid}/status`))?.[1]) * 1024;

const family = (pid: number): readonly number[] => [pid, ...descendants(pid)];

function descendants(pid: number): readonly number[] {
  const all = processes().map((one) => ({ pid: one, parent: Number(statFields(one)[1]) }));
  const below = (parent: number): readonly number[] =>
    all.flatMap((one) => (one.parent === parent ? [one.pid, ...below(one.pid)] : []));
  return below(pid);
}

function processes(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The fields after the name of the program, which may hold any character. */
const statFields = (pid: number): readonly string[] => read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
