import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { createNetworkError } from "./network-error.ts";

const PATIENCE = seconds(10);

/** Where a certificate is shown. */
export interface ShownCertificateOptions {
  /** An `https:` URL. */
  readonly url: string;
  /** The name to ask for, if it is not the URL's host. */
  readonly serverName?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The certificate that a server shows. It is looked at and not trusted, since one that has ended or that nobody vouches
 * for is what must be seen; nothing is sent. Throws `CollectError`, or the signal's reason.
 */
export async function readShownCertificate({
  url,
  serverName,
  signal,
}: ShownCertificateOptions): Promise<X509Certificate> {
  const { hostname, port: written } = new URL(url);
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  const port = written === "" ? 443 : Number(written);
  const name = serverName ?? host;
  const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(name) === 0 && { servername: name }) });
  // one that comes after the end of the wait would end the process
  socket.on("error", () => {});
  const late = AbortSignal.timeout(PATIENCE);
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([signal, late]) });
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new CollectError("tls_handshake", `${host}:${port}: no certificate is shown`);
    return certificate;
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof CollectError) throw thrown;
    if (late.aborted) throw new CollectError("timeout", `${host}:${port}: no TLS handshake within 10s`);
    throw createNetworkError(thrown, `${host}:${port}`, { connect: PATIENCE, headers: PATIENCE });
  } finally {
    socket.destroy();
  }
}
