import { once } from "node:events";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { seconds } from "../../core/duration.ts";

const PATIENCE = seconds(5);

/**
 * The SHA-256 of the certificate that a server shows, in hex pairs with colons; undefined when it shows none in time. It is
 * looked at and not trusted, and nothing is sent.
 */
export async function shownFingerprint(url: string, serverName?: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  const name = serverName ?? host;
  const socket = connect({
    host,
    port: port === "" ? 443 : Number(port),
    rejectUnauthorized: false,
    ...(isIP(name) === 0 && { servername: name }),
  });
  // one that comes after the end of the wait would end the process
  socket.on("error", () => {});
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(PATIENCE) });
    return socket.getPeerX509Certificate()?.fingerprint256;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
