import { CollectError } from "../../../../core/errors.ts";
import type { Wire } from "../wire.ts";
import { excerpt } from "../wire.ts";

/** What a dialogue needs to know of the endpoint. */
export interface DialogueContext {
  readonly serverName: string;
  readonly port: number;
  /** Our own address, as the protocols that greet by name want it. */
  readonly localAddress: string;
}

/** The words of one protocol before TLS begins, and those after it. */
export interface Dialogue {
  /** Speaks until TLS can begin. Throws `CollectError`: `server_error`, `tls_handshake` or `invalid_response`. */
  readonly begin: (wire: Wire, context: DialogueContext) => Promise<void>;
  /** Said within TLS before leaving, so that the server's log shows a client that left and not one that was lost. */
  readonly farewell?: string | Uint8Array;
  /** For protocols where leaving takes more than one word. */
  readonly leave?: (wire: Wire) => Promise<void>;
}

/** The server turns every client away at this moment. */
export function turnedAway(said: string): CollectError {
  return new CollectError("server_error", `the server turns the connection away: ${excerpt(said)}`);
}

/** The server speaks the protocol but has no TLS here. */
export function withoutTls(what: string): CollectError {
  return new CollectError("tls_handshake", `no TLS begins: ${what}`);
}

/** What came is not the protocol. */
export function notTheProtocol(protocol: string, what: string, said: string | Buffer): CollectError {
  return new CollectError("invalid_response", `${what} is not ${protocol}: ${excerpt(said)}`);
}
