import { fork } from "node:child_process";
import { once } from "node:events";
import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import type { NasSize } from "./lab-process.ts";
import type { PollerResult } from "./poller.ts";

/** Polls an emulated server in a process of its own; throws when a poll fails. */
export async function runPoller(release: TrueNasRelease, size: NasSize): Promise<PollerResult> {
  const args = [release, String(size.datasets), String(size.snapshotsPerDataset)];
  const child = fork(new URL("poller.ts", import.meta.url), args, { execArgv: ["--expose-gc"] });
  const ended = once(child, "exit");
  const found = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  await ended;
  if (found === undefined) throw new Error(`the process that polls ended with exit code ${child.exitCode}`);
  return found[0] as PollerResult;
}
