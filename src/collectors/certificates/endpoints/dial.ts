import type { Socket } from "node:net";
import type { Endpoint, ProbeResult } from "../endpoint.ts";
import { literalAddress, resolve } from "./addresses.ts";
import { connectAny } from "./connect.ts";
import { openTunnel } from "./proxy.ts";
import type { Dialogue } from "./start-tls/dialogue.ts";
import { type Progress, Wire } from "./wire.ts";

/** How far a probe came: what is waited for, and the times that are known (seconds). */
export type Course = Progress & { -readonly [K in "dns" | "connect" | "handshake" | "ipProtocol"]?: ProbeResult[K] };

/** Seconds since a `performance.now()`. */
export const secondsSince = (start: number): number => (performance.now() - start) / 1_000;

/**
 * Connects to the endpoint, by its proxy if it has one, and says the words that come before TLS. The socket is paused,
 * and nothing of TLS was read. Throws `CollectError`, an error of the network or the signal's reason.
 */
export async function dial(
  endpoint: Endpoint,
  dialogue: Dialogue | undefined,
  course: Course,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await connectFirst(endpoint, course, signal);
  const abort = (): void => void socket.destroy(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", abort));
  if (signal.aborted) abort();
  if (endpoint.proxy === undefined && dialogue === undefined) return socket;
  const wire = new Wire(socket, course);
  try {
    if (endpoint.proxy !== undefined) await openTunnel(wire, endpoint);
    await dialogue?.begin(wire, { ...endpoint, localAddress: socket.localAddress ?? "127.0.0.1" });
    wire.release();
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

/**
 * To the endpoint or its proxy; the proxy's name is not the endpoint's, so its resolution and protocol are told
 * nowhere.
 */
async function connectFirst(endpoint: Endpoint, course: Course, signal: AbortSignal): Promise<Socket> {
  const { host, port } = endpoint.proxy ?? endpoint;
  const isDirect = endpoint.proxy === undefined;
  const literal = literalAddress(host, endpoint.ipProtocol);
  let start = performance.now();
  course.waitingFor = "the name resolution";
  const addresses = literal === undefined ? await resolve(host, endpoint.ipProtocol, signal) : [literal];
  if (isDirect && literal === undefined) course.dns = secondsSince(start);
  start = performance.now();
  course.waitingFor = "the connection";
  const { socket, address } = await connectAny(addresses, port, signal);
  course.connect = secondsSince(start);
  if (isDirect) course.ipProtocol = address.family;
  return socket;
}
