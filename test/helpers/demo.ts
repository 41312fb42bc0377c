import { join } from "node:path";
import { request } from "undici";
import type { SeenMessage } from "../../src/lab/channels/stand-in.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { startProcess, type RunningProcess } from "./process.ts";

/** Starts the built demo on a free port; `path` takes the place of PATH. */
export function startDemo(path: string): Promise<RunningProcess> {
  return startProcess({
    command: process.execPath,
    args: [join(packageRoot, "dist/cli/main.js"), "demo", "--port", "0"],
    env: { PATH: path },
    ready: (started) => started.output().includes("Ctrl-C ends everything."),
  });
}

/** The first URL that the demo told to open, of those with the given path. */
export function toldUrl(demo: RunningProcess, path: string): string {
  const url = [...demo.output().matchAll(/^ {2}(http:\S+)/gm)]
    .map(([, found = ""]) => found)
    .find((found) => new URL(found).pathname === path);
  if (url === undefined) throw new Error(`the demo told no URL with ${path}:\n${demo.output()}`);
  return url;
}

/** What the demo's emulated services show, by their type. */
export async function demoMessages(demo: RunningProcess): Promise<ReadonlyMap<string, readonly SeenMessage[]>> {
  // the inbox is the first of the URLs
  const inbox = toldUrl(demo, "/");
  const { body } = await request(new URL("/messages.json", inbox));
  const all = (await body.json()) as { type: string; messages: SeenMessage[] }[];
  return new Map(all.map(({ type, messages }) => [type, messages]));
}
