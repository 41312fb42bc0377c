import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import { checkServerIdentity, createSecureContext, TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import { Agent, buildConnector } from "undici";
import { CollectError } from "../../core/errors.ts";
import type { Duration } from "../../core/duration.ts";
import type { Secret } from "../../core/secret.ts";

/** How a target is reached and recognised. */
export interface AgentOptions {
  /** PEM text of the authorities to trust instead of those that Node trusts. */
  readonly ca?: string | undefined;
  /**
   * SHA-256 of the server's certificate, 64 hex digits in any case, with or without colons. Alone it replaces the
   * checks of chain, dates and host name; together with `ca` all must hold.
   */
  readonly fingerprint?: string | undefined;
  /** The name to ask for (SNI) and to find in the certificate instead of the URL's host; it may be an IP address. */
  readonly serverName?: string | undefined;
  /** PEM texts of the certificate (with its chain) and the key to show to a server that wants one. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: Secret } | undefined;
  /** Connections per origin at a time; default 4. */
  readonly maxConnections?: number | undefined;
  /** Bound on resolving, connecting and the TLS handshake together. */
  readonly connectTimeout: Duration;
}

/**
 * Makes the undici agent of one target: HTTP/1.1, TLS 1.2 or newer, and with a pin no byte of a request leaves before
 * the server's certificate was found to be the pinned one. Throws {@link CollectError} for unusable PEM or fingerprint
 * text.
 */
export function createAgent(options: AgentOptions): Agent {
  return new Agent({
    connect: createConnector(options),
    connections: options.maxConnections ?? 4,
    pipelining: 1,
    // The bound on a body is the deadline over the whole answer; a pause in it is no fault.
    bodyTimeout: 0,
    // undici's default of 4 s for an idle connection stays: each poll meets the name, the certificate and the server
    // anew, and hardly ever a connection that the server is just closing.
  });
}

/**
 * Opens the connections of one target: TLS 1.2 or newer, handed over only once chain, dates, host name and pin were
 * found right. Throws {@link CollectError} for unusable PEM or fingerprint text.
 */
export function createConnector(options: AgentOptions): buildConnector.connector {
  const { serverName } = options;
  const pin = readPin(options.fingerprint);
  const connect = buildConnector({
    secureContext: readSecureContext(options),
    rejectUnauthorized: pin === undefined || options.ca !== undefined,
    checkServerIdentity: (host, certificate) => checkServerIdentity(serverName ?? host, certificate),
    timeout: options.connectTimeout,
    allowH2: false,
    // A resumed session is not verified again, so that an expired certificate would go unseen.
    maxCachedSessions: 0,
  });
  const sni = serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName };
  return (target, callback) => {
    connect({ ...target, ...sni }, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      // With TLS 1.3 a server asks for a client certificate after the handshake; undici would let the end of the
      // connection hide that alert.
      if (socket instanceof TLSSocket) socket.once("error", () => socket.destroy());
      const fault = pin === undefined ? undefined : checkPin(pin, socket);
      if (fault === undefined) return callback(null, socket);
      socket.destroy();
      callback(fault, null);
    });
  };
}

function checkPin(pin: string, socket: Socket): CollectError | undefined {
  if (!(socket instanceof TLSSocket)) {
    return new CollectError("tls_handshake", "a fingerprint is set, so the URL must begin with https://");
  }
  const got = socket.getPeerX509Certificate()?.fingerprint256;
  if (got === pin) return undefined;
  return new CollectError("tls_pin_mismatch", `the certificate's SHA-256 is ${got ?? "missing"}, not ${pin}`);
}

/**
 * A SHA-256 fingerprint as pairs of upper-case hex digits with colons between, which is how Node prints one; the text
 * may have colons or not and any case. Undefined when it is not one.
 */
function parseFingerprint(text: string): string | undefined {
  const digits = text.trim().replaceAll(":", "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? (digits.match(/../g) ?? []).join(":") : undefined;
}

function readPin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const pin = parseFingerprint(text);
  if (pin === undefined) throw new CollectError("tls_pin_mismatch", "the fingerprint is not a SHA-256: 64 hex digits");
  return pin;
}

function readSecureContext({ ca, clientCertificate }: AgentOptions): SecureContext {
  if (ca !== undefined) readAuthorities(ca);
  try {
    return createSecureContext({
      minVersion: "TLSv1.2",
      ...(ca === undefined ? {} : { ca }),
      ...(clientCertificate === undefined
        ? {}
        : { cert: clientCertificate.certificate, key: clientCertificate.key.reveal() }),
    });
  } catch {
    // OpenSSL's own words name routines, not the cause, and the key's text is near.
    throw new CollectError(
      "credential_unreadable",
      "the client certificate and key are not PEM texts that belong together",
    );
  }
}

/** Node drops what it can not read in `ca` without a word, which then looks like an untrusted server. */
function readAuthorities(ca: string): void {
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    if (certificates.length === 0) throw new TypeError("no certificate");
  } catch {
    throw new CollectError(
      "tls_untrusted",
      "what `ca_file` names is no file of PEM certificates, which begin with -----BEGIN CERTIFICATE-----",
    );
  }
}
