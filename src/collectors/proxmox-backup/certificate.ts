import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { createNetworkError } from "../../lib/http/network-error.ts";

/** Where a certificate is shown. */
export interface CertificateAddress {
  readonly host: string;
  readonly port: number;
  /** The name to ask for, if it is not the host. */
  readonly serverName?: string | undefined;
}

const PATIENCE = seconds(10);

/** The address of a URL of the configuration. */
export function certificateAddress(url: string, serverName: string | undefined): CertificateAddress {
  const { hostname, port } = new URL(url);
  return { host: hostname.replaceAll(/^\[|\]$/g, ""), port: port === "" ? 443 : Number(port), serverName };
}

/**
 * Reads when the certificate ends that a server shows, in Unix milliseconds. It is looked at and not trusted, since one
 * that has ended is what must be seen; nothing is sent. Throws `CollectError`.
 */
export async function readCertificateEnd(address: CertificateAddress, stopped: AbortSignal): Promise<number> {
  const { host, port, serverName = host } = address;
  const where = `${host}:${port}`;
  const socket = connect({
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(serverName) === 0 && { servername: serverName }),
  });
  // one that comes after the end of the wait would end the process
  socket.on("error", () => {});
  const late = AbortSignal.timeout(PATIENCE);
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([stopped, late]) });
    const end = Date.parse(socket.getPeerX509Certificate()?.validTo ?? "");
    if (Number.isNaN(end)) throw new CollectError("tls_handshake", "no certificate is shown");
    return end;
  } catch (thrown) {
    stopped.throwIfAborted();
    if (late.aborted) throw new CollectError("timeout", `${where}: no TLS handshake within 10s`);
    throw createNetworkError(thrown, where, { connect: PATIENCE, headers: PATIENCE });
  } finally {
    socket.destroy();
  }
}
