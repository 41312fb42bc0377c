import { constants } from "node:crypto";
import { isIP } from "node:net";
import { type ConnectionOptions, createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { CollectError } from "../../../core/errors.ts";
import type { Endpoint } from "../endpoint.ts";

/**
 * X25519 first, because only the first group gets a key share and a share of Node's default, X25519MLKEM768, costs more
 * than the rest of the handshake; the others are there so that the keys of any server are seen.
 */
const GROUPS = [
  "X25519",
  "P-256",
  "X448",
  "P-384",
  "P-521",
  "ffdhe2048",
  "ffdhe3072",
  "brainpoolP256r1",
  "brainpoolP384r1",
  "brainpoolP512r1",
  "secp256k1",
  "P-224",
  "P-192",
].join(":");

/** Lets every session come about that this machine can speak: what is weak in it is judged, not refused. */
const LENIENT: SecureContextOptions = {
  minVersion: "TLSv1",
  ciphers: "DEFAULT@SECLEVEL=0",
  ecdhCurve: GROUPS,
  // servers without RFC 5746, and no tickets, since no session is taken up again
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_TICKET,
  // nothing is verified here, and the system's authorities cost 100 times as much as the handshake
  ca: [],
};

const byClient = new WeakMap<object, SecureContext>();
let shared: SecureContext | undefined;

/**
 * Options of `tls.connect` for an endpoint. Contexts are shared, one for each client certificate. Throws `CollectError`
 * `credential_unreadable` when that certificate and key can not be used.
 */
export function tlsOptions({ serverName, protocol, client }: Endpoint): ConnectionOptions {
  return {
    secureContext: client === undefined ? (shared ??= createSecureContext(LENIENT)) : contextOf(client),
    rejectUnauthorized: false,
    requestOCSP: true,
    minDHSize: 1,
    ...(isIP(serverName) === 0 && { servername: serverName }),
    // h2 too, because a server that knows only that one would refuse; none of them is spoken
    ...(protocol === "https" && { ALPNProtocols: ["http/1.1", "h2"] }),
  };
}

function contextOf(client: NonNullable<Endpoint["client"]>): SecureContext {
  let context = byClient.get(client);
  if (context === undefined) {
    context = clientContext(client);
    byClient.set(client, context);
  }
  return context;
}

function clientContext({ certificate, key }: NonNullable<Endpoint["client"]>): SecureContext {
  try {
    return createSecureContext({ ...LENIENT, cert: certificate, key });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : "";
    throw new CollectError("credential_unreadable", `the client certificate and its key can not be used${code}`);
  }
}
