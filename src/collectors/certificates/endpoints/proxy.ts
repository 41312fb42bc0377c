import { isIPv6 } from "node:net";
import { CollectError, type CollectReason } from "../../../core/errors.ts";
import { printable } from "../../../lib/http/request-text.ts";
import type { Endpoint } from "../endpoint.ts";
import { excerpt, type Wire } from "./wire.ts";

const ANSWER = "the proxy's answer to CONNECT";
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?\r?\n/;
const HEAD = /^.*?\r?\n\r?\n/s;

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6). Throws `CollectError`: `unauthorized`, `forbidden`,
 * `server_error`, `unexpected_status` by the proxy's status, or `invalid_response`.
 */
export async function openTunnel(wire: Wire, { host, port }: Endpoint): Promise<void> {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  wire.send(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  const head = await wire.read(ANSWER, (bytes) => {
    const text = bytes.toString("latin1");
    if (!"HTTP/1.".startsWith(text.slice(0, 7)))
      throw new CollectError("invalid_response", `${ANSWER} is not HTTP: ${excerpt(bytes)}`);
    const found = HEAD.exec(text)?.[0];
    return found === undefined ? undefined : { value: found, length: found.length };
  });
  const [, status, words = ""] = STATUS_LINE.exec(head) ?? [];
  if (status === undefined) throw new CollectError("invalid_response", `${ANSWER} is not HTTP: ${excerpt(head)}`);
  if (!status.startsWith("2"))
    throw new CollectError(reasonOf(status), `the proxy refuses CONNECT with ${printable(`${status} ${words}`)}`);
}

function reasonOf(status: string): CollectReason {
  if (status === "407") return "unauthorized";
  if (status === "403") return "forbidden";
  return status.startsWith("5") ? "server_error" : "unexpected_status";
}
