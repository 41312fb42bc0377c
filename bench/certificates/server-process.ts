import { startChild } from "../child.ts";
import type { ServerDescription } from "./server.ts";

/** Thousands of TLS endpoints in a process of their own. */
export interface ServerProcess extends ServerDescription {
  /** How many handshakes came to their end since the start. */
  handshakes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts so many endpoints. */
export async function startServers(count: number): Promise<ServerProcess> {
  const child = startChild("the process of endpoints", new URL("server.ts", import.meta.url), [String(count)]);
  return {
    ...((await child.next()) as ServerDescription),
    handshakes: async () => Number(await child.ask("handshakes")),
    stop: () => child.stop(),
  };
}
