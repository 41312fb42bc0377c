import { fork } from "node:child_process";
import { once } from "node:events";

/** A server that sends what another one sent, and does nothing else. */
export interface Limit {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it with the answer of the URL. */
export async function startLimit(source: string): Promise<Limit> {
  const child = fork(new URL("limit.ts", import.meta.url), [source]);
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
