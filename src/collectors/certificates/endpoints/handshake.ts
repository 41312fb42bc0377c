import type { Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { milliseconds } from "../../../core/duration.ts";
import type { Endpoint, ServedTls } from "../endpoint.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { createClosedOnClient, explainHandshake } from "./handshake-error.ts";
import { readServerFlight, type ServerFlight } from "./server-flight.ts";
import { Tap } from "./tap.ts";
import { tlsOptions } from "./tls-options.ts";

/**
 * How long a refused client certificate is waited for, beside two round trips: TLS 1.3 tells it after the handshake.
 */
const VERDICT_WAIT = milliseconds(200);
const SERVER_SECRET = "SERVER_HANDSHAKE_TRAFFIC_SECRET ";
const VERSIONS: Readonly<Record<number, string>> = {
  0x0300: "SSL 3.0",
  0x0301: "TLS 1.0",
  0x0302: "TLS 1.1",
  0x0303: "TLS 1.2",
  0x0304: "TLS 1.3",
};

/** How a handshake went. */
export interface Handshake {
  /** To be closed by the caller. */
  readonly session: TLSSocket;
  /** How long it took; absent when it was not completed. Seconds. */
  readonly seconds?: number;
  /** Absent when no certificate was shown. */
  readonly tls?: ServedTls;
  /** What ended it; certificates may have been shown before. */
  readonly failure?: unknown;
}

/**
 * Makes a TLS session over a connected, paused socket, whatever its certificates are, and tells them as they were
 * served. Throws `CollectError` when the client certificate can not be used; everything else is part of the result.
 */
export async function shakeHands(socket: Socket, endpoint: Endpoint, reader: CertificateReader): Promise<Handshake> {
  const tap = new Tap(socket);
  const session = connect({ ...tlsOptions(endpoint), socket: tap });
  const heard = listen(session);
  const start = performance.now();
  const ending = await heard.secured;
  const lasted = performance.now() - start;
  const flight = readServerFlight(tap.captured(), heard.secret);
  const failure =
    ending ?? (flight.wantsClientCertificate ? await verdict(socket, heard, endpoint, lasted) : undefined);
  const encodings = flight.certificates ?? (failure === undefined ? certificatesByNode(session) : []);
  const tls = encodings.length === 0 ? undefined : served(encodings, flight, heard, reader);
  return {
    session,
    ...(ending === undefined && { seconds: lasted / 1_000 }),
    ...(tls && { tls }),
    ...(failure !== undefined && { failure: explainHandshake(failure, endpoint, flight) }),
  };
}

interface Heard {
  /** Undefined once there is a session; else what ended it. */
  readonly secured: Promise<unknown>;
  /** What ended the session; stays open while it lives. */
  readonly ended: Promise<unknown>;
  secret?: Buffer;
  cipher?: string;
}

function listen(session: TLSSocket): Heard {
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
  const secured = Promise.withResolvers<unknown>();
  const heard: Heard = { secured: secured.promise, ended };
  session.on("keylog", (line: Buffer) => {
    // the session of a failed handshake is gone when its failure is told
    heard.cipher ??= session.getCipher()?.standardName;
    const text = line.toString("latin1");
    if (text.startsWith(SERVER_SECRET)) heard.secret = Buffer.from(text.slice(text.lastIndexOf(" ") + 1), "hex");
  });
  session.once("secureConnect", () => secured.resolve(undefined));
  session.on("error", (error) => {
    secured.resolve(error);
    end(error);
  });
  return heard;
}

/**
 * Waits for the refusal of a client certificate: an alert, or an end of the connection. One that is shown is waited for
 * to the end, because some servers send tickets first; that none was shown is told at once.
 */
async function verdict(socket: Socket, { ended }: Heard, endpoint: Endpoint, handshakeMs: number): Promise<unknown> {
  const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
  const timer = setTimeout(resolve, VERDICT_WAIT + 2 * handshakeMs, undefined);
  // what came must go through TLS first
  const accept = (): void => void (endpoint.client ?? setImmediate(resolve, undefined));
  const refuse = (): void => void setImmediate(resolve, createClosedOnClient());
  socket.once("data", accept).once("end", refuse).once("close", refuse);
  try {
    return await Promise.race([ended, outcome]);
  } finally {
    clearTimeout(timer);
    socket.off("data", accept).off("end", refuse).off("close", refuse);
  }
}

function served(
  encodings: readonly Uint8Array[],
  flight: ServerFlight,
  heard: Heard,
  reader: CertificateReader,
): ServedTls {
  const certificates = encodings.flatMap((der) => {
    try {
      return [reader.certificate(der)];
    } catch {
      return [];
    }
  });
  return {
    version: VERSIONS[flight.version ?? 0] ?? "",
    cipher: heard.cipher ?? `0x${(flight.suite ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
    served: certificates,
    unreadable: encodings.length - certificates.length,
    ...(flight.ocsp && { ocsp: new Uint8Array(flight.ocsp) }),
  };
}

/** The chain as Node would build it, which is better than none when the wire could not be read. */
function certificatesByNode(session: TLSSocket): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let one = session.getPeerX509Certificate(); one !== undefined; one = one.issuerCertificate) found.push(one.raw);
  return found;
}
