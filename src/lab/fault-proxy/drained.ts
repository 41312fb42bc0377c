import type { Duplex } from "node:stream";

/** Waits until a connection takes more bytes, or is over. */
export async function drained(connection: Duplex, over: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  connection.once("drain", resolve);
  over.addEventListener("abort", () => resolve(), { once: true });
  await promise;
}
