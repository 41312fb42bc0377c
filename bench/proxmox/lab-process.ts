import { fork } from "node:child_process";
import { on, once } from "node:events";
import type { LabDescription, LabQuestion } from "./lab.ts";

/** An emulated cluster in a process of its own. */
export interface LabProcess extends LabDescription {
  /** How many requests came with the token since the start. */
  calls(tokenId: string): Promise<number>;
  /** A node dies. */
  kill(node: string): Promise<void>;
  stop(): Promise<void>;
}

/** How large the cluster is. */
export interface ClusterSize {
  readonly nodes: number;
  readonly guests: number;
}

/** Starts the cluster. Its answers are ready-made, so that it is quicker than a real one: that favours who asks most. */
export async function startLab({ nodes, guests }: ClusterSize): Promise<LabProcess> {
  const child = fork(new URL("lab.ts", import.meta.url), [String(nodes), String(guests)]);
  const messages = on(child, "message", { close: ["exit"] });
  const next = async (): Promise<unknown> => {
    const { done, value } = await messages.next();
    if (done === true) throw new Error(`the emulated cluster ended with exit code ${child.exitCode}`);
    return (value as unknown[])[0];
  };
  const ask = async (question: LabQuestion): Promise<number> => {
    child.send(question);
    return Number(await next());
  };
  const description = (await next()) as LabDescription;
  return {
    ...description,
    calls: (tokenId) => ask({ ask: "calls", tokenId }),
    kill: async (node) => {
      await ask({ ask: "stop", node });
    },
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
