import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { startChild } from "../child.ts";
import type { LabDescription, LabQuestion } from "./lab.ts";

/** An emulated server in a process of its own. */
export interface LabProcess extends LabDescription {
  /** Gives the bytes of messages so far, both ways. */
  ask(question: LabQuestion): Promise<number>;
  stop(): Promise<void>;
}

/** How much the server holds. */
export interface NasSize {
  readonly datasets: number;
  readonly snapshotsPerDataset: number;
}

/** Starts the server. */
export async function startLab(release: TrueNasRelease, size: NasSize): Promise<LabProcess> {
  const args = [release, String(size.datasets), String(size.snapshotsPerDataset)];
  const child = startChild("the emulated server", new URL("lab.ts", import.meta.url), args);
  return {
    ...((await child.next()) as LabDescription),
    ask: async (question) => Number(await child.ask(question)),
    stop: () => child.stop(),
  };
}
