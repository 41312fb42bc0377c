import type { Server } from "node:http";
import type { ServerOptions } from "node:https";
import { Server as TlsServer, type SecureContextOptions } from "node:tls";
import { ConfigError } from "../../core/errors.ts";
import { CLIENT_AUTH_TYPES, isOlder, TLS_VERSIONS } from "./tls-names.ts";
import type { TlsSettings, WebConfig } from "./web-config.ts";

/** The options of Node's HTTPS server, for `fastify({ https })`; undefined for plain HTTP. */
export function httpsOptions({ tls }: WebConfig): ServerOptions | undefined {
  if (tls === undefined) return undefined;
  return { ...secureContextOptions(tls), ...clientRequest(tls) };
}

/** What a reload can change: everything but whether clients are asked for a certificate. */
export function secureContextOptions(tls: TlsSettings): SecureContextOptions {
  // OpenSSL counts versions before 1.2 as unsafe: who asks for one asks for that
  const level = isOlder(tls.minVersion, "TLS12") ? ["@SECLEVEL=0"] : [];
  return {
    cert: tls.certificate,
    key: tls.key.reveal(),
    ...(tls.clientCa !== undefined && { ca: tls.clientCa }),
    minVersion: TLS_VERSIONS[tls.minVersion],
    maxVersion: TLS_VERSIONS[tls.maxVersion],
    ciphers: [...tls.ciphers, ...level].join(":"),
    honorCipherOrder: tls.preferServerCiphers,
    ...(tls.groups && { ecdhCurve: tls.groups.join(":") }),
  };
}

/** Node refuses during the handshake only what must be there and be verified; the rest is refused afterwards. */
function clientRequest({ clientAuth }: TlsSettings): { requestCert: boolean; rejectUnauthorized: boolean } {
  const { request, require, verify } = CLIENT_AUTH_TYPES[clientAuth];
  return { requestCert: request, rejectUnauthorized: require && verify };
}

const ASK_AGAIN = "restart Watchkeeper for this change, or undo it";

/**
 * Gives a running server the certificates, client roots, versions and suites of `next`, for new connections; open ones
 * stay, except that idle ones are closed when what clients must show has changed. Throws `ConfigError` and changes
 * nothing when only a restart can do it: TLS switched on or off, or clients asked for certificates in another way.
 */
export function applyTls(server: Server, next: WebConfig, running: WebConfig): void {
  const fail = (key: string, message: string): never => {
    throw new ConfigError([{ file: next.file, path: key, message: `${message}: ${ASK_AGAIN}` }]);
  };
  if (!(server instanceof TlsServer)) {
    if (next.tls !== undefined) fail("tls_server_config", "TLS can not be switched on while the server runs");
    return;
  }
  if (next.tls === undefined || running.tls === undefined)
    return fail("tls_server_config", "TLS can not be switched off while the server runs");
  const [before, after] = [clientRequest(running.tls), clientRequest(next.tls)];
  if (before.requestCert !== after.requestCert || before.rejectUnauthorized !== after.rejectUnauthorized)
    fail(
      "tls_server_config.client_auth_type",
      `${running.tls.clientAuth} can not become ${next.tls.clientAuth} while the server runs`,
    );
  server.setSecureContext(secureContextOptions(next.tls));
  if (next.tls.clientCa !== running.tls.clientCa) server.closeIdleConnections();
}
