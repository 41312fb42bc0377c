import { fork } from "node:child_process";
import { on, once } from "node:events";
import type { ServerDescription } from "./server.ts";

/** Thousands of TLS endpoints in a process of their own. */
export interface ServerProcess extends ServerDescription {
  /** How many handshakes came to their end since the start. */
  handshakes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts so many endpoints. */
export async function startServers(count: number): Promise<ServerProcess> {
  const child = fork(new URL("server.ts", import.meta.url), [String(count)]);
  const messages = on(child, "message", { close: ["exit"] });
  const next = async (): Promise<unknown> => {
    const { done, value } = await messages.next();
    if (done === true) throw new Error(`the endpoints ended with exit code ${child.exitCode}`);
    return (value as unknown[])[0];
  };
  const description = (await next()) as ServerDescription;
  return {
    ...description,
    async handshakes() {
      child.send("handshakes");
      return Number(await next());
    },
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
