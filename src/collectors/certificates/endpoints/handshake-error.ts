import { CollectError } from "../../../core/errors.ts";
import type { Endpoint } from "../endpoint.ts";

/** Alerts by which a server says that it does not like the client's certificate, or that there is none. */
const ABOUT_CLIENT =
  /^(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/;

/** What the server's alerts, and our own, mean for the person who must act. Source: RFC 8446 section 6.2 */
const MEANINGS: Readonly<Record<string, string>> = {
  PROTOCOL_VERSION: "the server and this machine have no TLS version in common",
  UNSUPPORTED_PROTOCOL: "the server and this machine have no TLS version in common",
  INTERNAL_ERROR: "the server has a fault of its own",
  NO_APPLICATION_PROTOCOL: "the server wants to speak neither HTTP/1.1 nor HTTP/2 (ALPN)",
  EXCESSIVE_MESSAGE_SIZE: "the server shows more than 100 KiB of certificates",
};

/** A failure of TLS itself as a `CollectError` `tls_handshake` in plain words; any other as it is. */
export function explainHandshake(thrown: unknown, endpoint: Endpoint): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (!code.startsWith("ERR_SSL_")) return thrown;
  const name = /ALERT_(\w+)$/.exec(code)?.[1] ?? code.slice("ERR_SSL_".length);
  const meaning = meaningOf(name, code.includes("ALERT"), endpoint);
  return meaning === undefined ? thrown : new CollectError("tls_handshake", `${meaning} (${code})`);
}

function meaningOf(name: string, isAlert: boolean, { serverName, client }: Endpoint): string | undefined {
  if (isAlert && ABOUT_CLIENT.test(name))
    return client === undefined
      ? "the server wants a client certificate"
      : "the server refuses the client certificate that it is shown";
  if (name === "UNRECOGNIZED_NAME") return `the server does not know the name ${serverName}`;
  if (name === "HANDSHAKE_FAILURE")
    return `the server finds no cipher in common${client === undefined ? ", or wants a client certificate" : ""}`;
  return MEANINGS[name];
}
