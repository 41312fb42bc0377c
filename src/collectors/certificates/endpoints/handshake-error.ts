import { CollectError } from "../../../core/errors.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ServerFlight } from "./server-flight.ts";

/** Alerts by which a server says that it does not like the client's certificate, or that there is none. */
const ABOUT_CLIENT =
  /^(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/;

/** What the server's alerts, and our own, mean for the person who must act. Source: RFC 8446 section 6.2 */
const MEANINGS: Readonly<Record<string, string>> = {
  HANDSHAKE_FAILURE: "the server and this machine have no cipher or kind of key in common",
  PROTOCOL_VERSION: "the server and this machine have no TLS version in common",
  UNSUPPORTED_PROTOCOL: "the server and this machine have no TLS version in common",
  INTERNAL_ERROR: "the server has a fault of its own",
  NO_APPLICATION_PROTOCOL: "the server wants to speak neither HTTP/1.1 nor HTTP/2 (ALPN)",
  EXCESSIVE_MESSAGE_SIZE: "the server shows more than 100 KiB of certificates",
};

/** Codes of OpenSSL by way of Node; the part in the middle stands there when the other side said it. */
const CODE = /^ERR_SSL_(?:(SSL\/TLS|TLSV1|TLSV13|SSLV3)_(?:ALERT_)?)?(\w+)$/;

/** A failure of TLS itself as a `CollectError` `tls_handshake` in plain words; any other as it is. */
export function explainHandshake(
  thrown: unknown,
  endpoint: Endpoint,
  { wantsClientCertificate }: ServerFlight,
): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "ECONNRESET" && wantsClientCertificate) return createClosedOnClient();
  if (!code.startsWith("ERR_SSL_")) return thrown;
  const [, from, name = ""] = CODE.exec(code) ?? [];
  const isAlert = from !== undefined;
  const isAboutClient =
    isAlert && (ABOUT_CLIENT.test(name) || (name === "HANDSHAKE_FAILURE" && wantsClientCertificate));
  const meaning = isAboutClient ? aboutClient(endpoint) : aboutServer(name, endpoint);
  return meaning === undefined ? thrown : new CollectError("tls_handshake", `${meaning} (${code})`);
}

/** Some servers just go away instead of saying that they refuse a client certificate, or want one. */
export const createClosedOnClient = (): CollectError =>
  new CollectError("tls_handshake", "the server closes the connection once it has asked for a client certificate");

const aboutClient = ({ client }: Endpoint): string =>
  client === undefined
    ? "the server wants a client certificate"
    : "the server refuses the client certificate that it is shown";

function aboutServer(name: string, { serverName }: Endpoint): string | undefined {
  if (name === "UNRECOGNIZED_NAME") return `the server does not know the name ${serverName}`;
  return MEANINGS[name];
}
