import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";
import { freePorts } from "../test/helpers/free-ports.ts";
import { residentMemory } from "./usage.ts";

/** A server that Node.js runs. */
export interface Server {
  /** Arguments of Node.js, with which the server listens on a port of 127.0.0.1. */
  readonly args: (port: number) => Promise<readonly string[]> | readonly string[];
  /** What is asked until it is answered, one after the other. */
  readonly paths: readonly string[];
}

/** One start of a server. */
export interface Start {
  /** Milliseconds from the start of the process to the first answer 200 of each path. */
  readonly answeredMs: readonly number[];
  /** Bytes after the rest. */
  readonly rss: number;
}

/** Milliseconds until the memory of a start has settled. */
export const REST = 10_000;

/** Starts a server, lets it rest for so many milliseconds, and stops it. */
export async function timeStart({ args, paths }: Server, restMs: number): Promise<Start> {
  const [port] = (await freePorts(1)) as [number];
  const all = await args(port);
  const begun = performance.now();
  const server = spawn(process.execPath, all, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(server, "exit");
  try {
    const answeredMs: number[] = [];
    for (const path of paths) answeredMs.push((await answered(server, `http://127.0.0.1:${port}${path}`)) - begun);
    await pause(restMs);
    return { answeredMs, rss: residentMemory(server.pid) };
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

/** The moment of the first answer 200. */
async function answered(server: ChildProcess, url: string): Promise<number> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the server ended with exit code ${server.exitCode}`);
    const status = await request(url).then(
      async ({ statusCode, body }) => body.dump().then(() => statusCode),
      () => undefined,
    );
    if (status === 200) return performance.now();
    await pause(2);
  }
}

/** Watchkeeper without targets: its program, and the file that its configuration is written to. */
export const ownServer = (main: string, configFile: string, paths: readonly string[]): Server => ({
  args: async (port) => {
    await writeFile(configFile, `server: { listen: "127.0.0.1:${port}" }\nlog: { level: error }\n`);
    return [main, "serve", "--config", configFile];
  },
  paths,
});
