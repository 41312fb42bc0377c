import { spawn, type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { killAtExit, processGroupEnded } from "./janitor.ts";
import { GivenUp, waitUntil } from "./wait-until.ts";

/** What to start, and when it counts as started. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Asked again and again until it gives true; an error counts as "not yet". Waits for no more than 30 s unless told
   * otherwise.
   */
  readonly ready: (started: RunningProcess) => Promise<boolean> | boolean;
  readonly deadlineMs?: number;
}

/** How a process ended: by an exit code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A process with all its descendants: it is the leader of a process group. It ends at the latest with the test process.
 */
export interface RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** What it wrote to stdout and stderr: the newest 256 KiB. */
  output(): string;
  /** Sends a signal to the whole group. */
  signal(name: NodeJS.Signals): void;
  /** Freezes the whole group (SIGSTOP) and waits until the leader stands still. */
  pause(): Promise<void>;
  /** Lets a frozen group go on. */
  resume(): void;
  /** Ends the whole group: SIGTERM, and SIGKILL after `graceMs` (10 s). Does nothing when it has ended already. */
  stop(graceMs?: number): Promise<ProcessEnd>;
}

/** What a program that was run to its end gave. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program to its end; it is killed, and the run fails, after 60 s unless told otherwise. */
export interface RunOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

const KEPT_OUTPUT = 256 * 1024;
const SHOWN_OUTPUT = 4 * 1024;

/** Starts a process and waits until it is ready. Fails, with the process ended and its last output, when it is not. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const name = basename(options.command);
  const started = await launch(options);
  let end: ProcessEnd | undefined;
  void started.ended.then((how) => (end = how));
  const check = async (): Promise<boolean> => {
    if (end) throw new GivenUp(`${name} ended before it was ready (${describeEnd(end)})`);
    return options.ready(started);
  };
  try {
    await waitUntil(`${name} is ready`, check, { deadlineMs: options.deadlineMs ?? 30_000 });
    return started;
  } catch (error) {
    await started.stop(1_000);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nIts last output:\n${started.output().slice(-SHOWN_OUTPUT)}`, { cause: error });
  }
}

/** Runs a program to its end, which need not be a good one. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, stdin = "", env, deadlineMs = 60_000 }: RunOptions = {},
): Promise<RunResult> {
  const { child, ended } = await spawnGroup(command, args, { cwd, env: { ...process.env, ...env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program that does not read its input is no fault.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  const deadline = setTimeout(() => signalGroup(child, "SIGKILL"), deadlineMs);
  const end = await ended;
  clearTimeout(deadline);
  const errors = Buffer.concat(stderr).toString();
  if (end.signal) throw new Error(`${basename(command)} did not run to its end (${describeEnd(end)})\n${errors}`);
  return { code: end.code, stdout: Buffer.concat(stdout).toString(), stderr: errors };
}

async function launch({ command, args, cwd, env }: ProcessOptions): Promise<RunningProcess> {
  const { child, ended } = await spawnGroup(command, args, { cwd, env: { ...process.env, ...env } });
  child.stdin.end();
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return {
    pid: processId(child),
    ended,
    output: () => output,
    signal: (name) => signalGroup(child, name),
    pause: async () => {
      signalGroup(child, "SIGSTOP");
      await waitUntil(`${basename(command)} stands still`, () => standsStill(processId(child)), { everyMs: 5 });
    },
    resume: () => signalGroup(child, "SIGCONT"),
    stop: async (graceMs = 10_000) => {
      // A process that was stopped by SIGSTOP would not get the SIGTERM.
      signalGroup(child, "SIGCONT");
      signalGroup(child, "SIGTERM");
      const patience = new AbortController();
      const tired = pause(graceMs, "tired" as const, { signal: patience.signal }).catch(() => undefined);
      if ((await Promise.race([ended, tired])) === "tired") signalGroup(child, "SIGKILL");
      patience.abort();
      return ended;
    },
  };
}

interface Group {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the leader has ended, the rest of the group was killed, and all output was read. */
  readonly ended: Promise<ProcessEnd>;
}

async function spawnGroup(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Promise<Group> {
  const child = spawn(command, args, { ...options, detached: true });
  const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
  child.once("close", (code, signal) => resolve({ code, signal }));
  child.once("exit", () => {
    signalGroup(child, "SIGKILL");
    processGroupEnded(processId(child));
  });
  await once(child, "spawn").catch((error: unknown) => {
    throw new Error(`${command} could not be started: ${error instanceof Error ? error.message : String(error)}`);
  });
  killAtExit(processId(child));
  return { child, ended };
}

function processId({ pid }: ChildProcessWithoutNullStreams): number {
  if (pid === undefined) throw new Error("The process was not started.");
  return pid;
}

function signalGroup(child: ChildProcessWithoutNullStreams, name: NodeJS.Signals): void {
  try {
    process.kill(-processId(child), name);
  } catch (error) {
    // Nothing of the group is left.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Whether every thread is stopped: each takes notice of the signal by itself, and until then still answers. */
async function standsStill(pid: number): Promise<boolean> {
  const folder = `/proc/${pid}/task`;
  const states = await Promise.all(
    (await readdir(folder)).map((thread) => readFile(`${folder}/${thread}/stat`, "utf8")),
  );
  // The state follows the name, which is in brackets and may hold any character:
  // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  return states.every((text) => text.slice(text.lastIndexOf(")")).startsWith(") T"));
}

function describeEnd({ code, signal }: ProcessEnd): string {
  return signal === null ? `exit code ${code}` : `ended by ${signal}`;
}
