import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { startChild } from "../child.ts";
import type { NasSize } from "./lab-process.ts";
import type { PollerResult } from "./poller.ts";

/** Polls an emulated server in a process of its own; throws when a poll fails. */
export async function runPoller(release: TrueNasRelease, size: NasSize): Promise<PollerResult> {
  const args = [release, String(size.datasets), String(size.snapshotsPerDataset)];
  const poller = startChild("the process that polls", new URL("poller.ts", import.meta.url), args, {
    execArgv: ["--expose-gc"],
  });
  try {
    return (await poller.next()) as PollerResult;
  } finally {
    await poller.stop();
  }
}
