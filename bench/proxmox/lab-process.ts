import { startChild } from "../child.ts";
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
  const child = startChild("the emulated cluster", new URL("lab.ts", import.meta.url), [String(nodes), String(guests)]);
  const ask = async (question: LabQuestion): Promise<number> => Number(await child.ask(question));
  return {
    ...((await child.next()) as LabDescription),
    calls: (tokenId) => ask({ ask: "calls", tokenId }),
    kill: async (node) => {
      await ask({ ask: "stop", node });
    },
    stop: () => child.stop(),
  };
}
