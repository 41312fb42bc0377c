import { fork, type ChildProcess } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { fuzzTargets } from "./index.ts";
import type { FuzzTarget } from "./target.ts";
import type { Assignment, Find, TargetReport } from "./worker.ts";

/** What is fuzzed, how long, and from which random numbers. */
export interface FuzzOptions {
  /** Of all targets together, divided evenly. */
  readonly minutes: number;
  /** Name of the only target; undefined for all. */
  readonly only: string | undefined;
  readonly seed: number;
  /** Of a find that is to be repeated, for one target. */
  readonly path: string | undefined;
  onTarget?(name: string): void;
}

/** More heap than this is no honest need of any input; the process ends there, and its last input is known. */
const MOST_HEAP_MIB = 768;
/**
 * Without a new input for so long it hangs: by the clock, since who hangs can not tell, on a machine that may stand
 * still for a while.
 */
const HANG_MS = 180_000;
const LOOK_EVERY_MS = 1_000;
const KEPT_OUTPUT = 4_000;

/**
 * Fuzzes one target after the other, each in a process of its own, so that what hangs or eats all memory is a find too.
 */
export async function runFuzz(options: FuzzOptions): Promise<readonly TargetReport[]> {
  const chosen = fuzzTargets.filter(({ name }) => options.only === undefined || name === options.only);
  const milliseconds = (options.minutes * 60_000) / chosen.length;
  const reports: TargetReport[] = [];
  for (const target of chosen) {
    options.onTarget?.(target.name);
    reports.push(await fuzzTarget(target, { ...options, milliseconds }));
  }
  return reports;
}

async function fuzzTarget(
  { name }: FuzzTarget,
  { seed, path, milliseconds }: Pick<FuzzOptions, "seed" | "path"> & { readonly milliseconds: number },
): Promise<TargetReport> {
  const folder = await createTemporaryFolder("fuzz");
  const inputFile = join(folder.path, "input");
  const assignment: Assignment = { target: name, seed, path, milliseconds, inputFile };
  const child = fork(new URL("worker.ts", import.meta.url), [JSON.stringify(assignment)], {
    execArgv: [...process.execArgv, `--max-old-space-size=${MOST_HEAP_MIB}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // finds are made of bytes
    serialization: "advanced",
  });
  const stopWatching = killWhenStuck(child, inputFile);
  try {
    const outcome = await outcomeOf(child);
    if (typeof outcome !== "string") return outcome;
    const input = await readFile(inputFile).catch(() => undefined);
    if (input === undefined) throw new Error(`${name} has not come to its first input: ${outcome}`);
    const find: Find = { input, extension: "bin", error: `the process was lost at this input: ${outcome}` };
    return { target: name, runs: 0, fixtures: 0, finds: [find] };
  } finally {
    stopWatching();
    await folder.remove();
  }
}

/** The report of a process, or how it ended without one. */
async function outcomeOf(child: ChildProcess): Promise<TargetReport | string> {
  let report: TargetReport | undefined;
  let output = "";
  child.once("message", (message) => (report = message as TargetReport));
  child.stderr?.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_OUTPUT)));
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  const end = await promise;
  const why = child.killed ? `there was nothing new for ${HANG_MS / 1_000} s` : `it ended by ${end}`;
  return report ?? `${why}\n${output}`;
}

function killWhenStuck(child: ChildProcess, inputFile: string): () => void {
  let seen = 0;
  let since = performance.now();
  const look = async (): Promise<void> => {
    const { mtimeMs } = await stat(inputFile).catch(() => ({ mtimeMs: 0 }));
    if (mtimeMs !== seen) [seen, since] = [mtimeMs, performance.now()];
    else if (performance.now() - since > HANG_MS) child.kill("SIGKILL");
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
