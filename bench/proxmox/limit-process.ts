import { startChild } from "../child.ts";

/** A server that sends what another one sent, and does nothing else. */
export interface Limit {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it with the answer of the URL. */
export async function startLimit(source: string): Promise<Limit> {
  const child = startChild("the server of one buffer", new URL("limit.ts", import.meta.url), [source]);
  return { url: `http://127.0.0.1:${Number(await child.next())}/metrics`, stop: () => child.stop() };
}
