import { fork } from "node:child_process";
import { on, once } from "node:events";
import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
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
  const child = fork(new URL("lab.ts", import.meta.url), args);
  const messages = on(child, "message", { close: ["exit"] });
  const next = async (): Promise<unknown> => {
    const { done, value } = await messages.next();
    if (done === true) throw new Error(`the emulated server ended with exit code ${child.exitCode}`);
    return (value as unknown[])[0];
  };
  return {
    ...((await next()) as LabDescription),
    async ask(question) {
      child.send(question);
      return Number(await next());
    },
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
