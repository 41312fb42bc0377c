import { CollectError } from "../../core/errors.ts";
import type { CollectReason } from "../../core/errors.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Duration } from "../../core/duration.ts";
import { printable } from "./request-text.ts";

/** The bounds that a timeout's message names. */
export interface PhaseTimeouts {
  readonly connect: Duration;
  readonly headers: Duration;
}

interface Explanation {
  readonly reason: CollectReason;
  readonly what: string;
}

const CUT_OFF: Explanation = {
  reason: "connection_reset",
  what: "the connection was closed before the answer was complete",
};
const NOT_HTTP: Explanation = { reason: "invalid_response", what: "the answer is not HTTP" };

/** Codes of the system, of Node's resolver and of undici, with what they mean for the person who must act. */
const BY_CODE: Readonly<Record<string, Explanation>> = {
  ...sameFor(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME", "ENODATA", "ESERVFAIL"], {
    reason: "dns_failure",
    what: "the host name can not be resolved",
  }),
  ECONNREFUSED: { reason: "connection_refused", what: "connection refused, nothing listens on that port" },
  ...sameFor(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"], CUT_OFF),
  ...sameFor(["ETIMEDOUT", "UND_ERR_BODY_TIMEOUT"], { reason: "timeout", what: "the network gave no answer in time" }),
  CERT_HAS_EXPIRED: { reason: "tls_expired", what: "the certificate, or one of its chain, is expired" },
  CERT_NOT_YET_VALID: { reason: "tls_expired", what: "the certificate, or one of its chain, is not yet valid" },
  ...sameFor(["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"], {
    reason: "tls_handshake",
    what: "no TLS on that port",
  }),
  UND_ERR_HEADERS_OVERFLOW: { reason: "invalid_response", what: "the headers of the answer are too large" },
};

/**
 * The codes of a refused certificate chain: `X509_V_ERR_*` without that prefix, UNSPECIFIED for those that Node does
 * not know.
 * Source: https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes
 */
const CHAIN_CODE = /CERT|CRL|ISSUER|LEAF|^INVALID_CA$|^INVALID_PURPOSE$|^PATH_LENGTH_EXCEEDED$|^UNSPECIFIED$/;
/** A system call on the way to the target that failed for another cause than those above, such as EHOSTUNREACH. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/**
 * Any failure below a request as a {@link CollectError} with one reason and the place in front. Nothing of the original
 * goes along but its code: undici's errors can hold the bytes that came and Node's the whole URL.
 */
export function createNetworkError(thrown: unknown, where: string, timeouts: PhaseTimeouts): CollectError {
  if (thrown instanceof CollectError) return new CollectError(thrown.reason, `${where}: ${thrown.message}`);
  const error = mostTelling(thrown);
  const code = textOf(error, "code");
  const { reason, what } = explain(error, code, timeouts);
  return new CollectError(reason, `${where}: ${what}${code === undefined ? "" : ` (${code})`}`);
}

function explain(error: unknown, code: string | undefined, timeouts: PhaseTimeouts): Explanation {
  const message = textOf(error, "message") ?? "";
  // Node says ECONNRESET for this too; the words are the only difference.
  if (code === "ECONNRESET" && message.includes("before secure TLS connection")) {
    return { reason: "tls_handshake", what: "the connection was closed during the TLS handshake" };
  }
  const known = explainParser(error, message) ?? (code === undefined ? undefined : BY_CODE[code]);
  if (known !== undefined) return known;
  if (code === "UND_ERR_CONNECT_TIMEOUT") {
    return { reason: "timeout", what: `no connection within ${formatDuration(timeouts.connect)}` };
  }
  if (code === "UND_ERR_HEADERS_TIMEOUT") {
    return { reason: "timeout", what: `no answer within ${formatDuration(timeouts.headers)}` };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return { reason: "tls_wrong_host", what: describeNames(error) };
  }
  if (code?.endsWith("_CERTIFICATE_REQUIRED")) {
    return { reason: "tls_handshake", what: "the server wants a client certificate" };
  }
  if (code?.startsWith("ERR_SSL_") || code === "EPROTO" || code?.startsWith("ERR_TLS_")) {
    return { reason: "tls_handshake", what: "no TLS session came about" };
  }
  return explainRest(error, code);
}

function explainRest(error: unknown, code: string | undefined): Explanation {
  if (code !== undefined && CHAIN_CODE.test(code)) {
    return { reason: "tls_untrusted", what: "the certificate is not signed by a trusted authority" };
  }
  if (code !== undefined && SYSTEM_CODE.test(code)) {
    return { reason: "connection_failed", what: "the network gave no way to the target" };
  }
  return { reason: "internal", what: printable(error instanceof Error ? `${error.name}: ${error.message}` : "failed") };
}

/** Node says only which names of the wanted kind, host name or IP address, a certificate holds. */
function describeNames(error: unknown): string {
  const certificate: unknown = error instanceof Error && "cert" in error ? error.cert : undefined;
  const names = printable(textOf(certificate, "subjectaltname") ?? "");
  const wanted = textOf(error, "host") ?? "the host of the URL";
  return `the certificate is for ${names === "" ? "no host" : names}, not for ${wanted}`;
}

/** What undici's parser made of an answer; it says so in words only. */
function explainParser(error: unknown, message: string): Explanation | undefined {
  const name = textOf(error, "name");
  // An answer to an upgrade that was not asked for, or one before the request.
  if (name === "SocketError" && message.startsWith("bad ")) return NOT_HTTP;
  if (name !== "HTTPParserError") return undefined;
  // A chunked body without its last chunk.
  if (message.includes("Invalid EOF state")) return CUT_OFF;
  // 0x15 0x03 opens an alert of TLS.
  const isTls = textOf(error, "data")?.startsWith("\x15\x03") === true;
  return isTls ? { ...NOT_HTTP, what: "the answer is TLS, so the URL must begin with https://" } : NOT_HTTP;
}

/**
 * The one error that says most about several addresses tried: an address that refuses proves more than one that was
 * not reachable. Undici hides such a list behind a connect timeout when any of them timed out.
 */
function mostTelling(thrown: unknown): unknown {
  const list = thrown instanceof Error && thrown.cause instanceof AggregateError ? thrown.cause : thrown;
  if (!(list instanceof AggregateError)) return thrown;
  const errors: readonly unknown[] = list.errors;
  const found = ["ECONNREFUSED", "ECONNRESET"].flatMap((code) => errors.filter((one) => textOf(one, "code") === code));
  return found[0] ?? (list === thrown ? (errors[0] ?? thrown) : thrown);
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const field: unknown = Reflect.get(value, key);
  return typeof field === "string" ? field : undefined;
}

function sameFor(codes: readonly string[], explanation: Explanation): Record<string, Explanation> {
  return Object.fromEntries(codes.map((code) => [code, explanation]));
}
