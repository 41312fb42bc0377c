import { request } from "undici";
import type { ShopTelemetry } from "./contract.ts";

/** Takes what the shop says to a server that keeps it. Rejects with what the server answered. */
export type ShopSink = (telemetry: ShopTelemetry) => Promise<void>;

/** Where a server is, and what it is sent beside the body, such as `authorization`. */
export interface SinkServer {
  /** Without a final slash. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a body, and gives the answer's; rejects unless the status is 2xx. */
export async function send(
  { headers = {} }: SinkServer,
  {
    method = "POST",
    url,
    body,
    type = "application/json",
  }: { method?: string; url: string; body?: string | Uint8Array; type?: string },
): Promise<string> {
  const answer = await request(url, {
    method: method as "POST",
    headers: { ...headers, "content-type": type },
    ...(body !== undefined && { body }),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300)
    throw new Error(`${method} ${url} was answered ${answer.statusCode}: ${text.slice(0, 500)}`);
  return text;
}

/** The items in pieces of at most so many. */
export function inPieces<T>(items: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most));
}
