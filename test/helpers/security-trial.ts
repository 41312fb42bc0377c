import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { request, type Dispatcher } from "undici";
import type { SecuritySite } from "./security-site.ts";

/**
 * One attempt to misuse Watchkeeper, as `docs/security.md` lists it; `run` fails unless `happened` is what happened.
 */
export interface Trial {
  readonly name: string;
  readonly tried: string;
  readonly happened: string;
  run(site: SecuritySite): Promise<void>;
}

/** An answer, with its headers by lower-case name. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Asks, and follows no redirect. The target is sent as it is. */
export async function ask(
  base: string,
  path: string,
  options: Omit<Partial<Dispatcher.RequestOptions>, "path" | "headers"> & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly dispatcher?: Dispatcher;
  } = {},
): Promise<Answer> {
  const { statusCode, headers, body } = await request(`${base}${path}`, {
    ...options,
    method: options.method ?? "GET",
  });
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: await body.text(),
  };
}

const MOST_WAIT_MS = 60_000;

/**
 * Sends bytes on a connection of their own, piece by piece, and gives all that came back until the server closed it.
 */
export async function converse(
  port: number,
  pieces: Iterable<string>,
  everyMs = 0,
): Promise<{ readonly text: string; readonly seconds: number }> {
  const begun = performance.now();
  const socket = connect({ port, host: "127.0.0.1" });
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => (text += data));
  // a server that closes while more is sent resets the connection
  socket.on("error", () => resolve(undefined));
  socket.once("close", () => resolve(undefined));
  socket.setTimeout(MOST_WAIT_MS, () => socket.destroy());
  for (const piece of pieces) {
    if (socket.destroyed || socket.readableEnded) break;
    socket.write(piece);
    if (everyMs > 0) await Promise.race([closed, pause(everyMs)]);
  }
  await closed;
  socket.destroy();
  return { text, seconds: (performance.now() - begun) / 1_000 };
}

/** The target sent as it is, which clients would put in order first; gives the whole answer, status line and all. */
export const askRaw = async (port: number, target: string): Promise<string> =>
  (await converse(port, [`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`])).text;

/** The status of an answer as it came; 0 when there was none. */
export const statusIn = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
