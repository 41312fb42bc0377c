import type { Wire } from "./wire.ts";

/** How a server takes the wish to begin TLS. */
export type StartTlsManner =
  | "offered"
  /** Neither announced nor known. */
  | "missing"
  /** Announced, but not available now. */
  | "refused"
  /** Announced, but never answered. */
  | "hangs"
  /** Speaks another protocol. */
  | "garbage"
  /** Begins TLS, with words in the clear that a client must not take for those of the session. */
  | "injects";

/** The words of a protocol around TLS. */
export interface Dialogue {
  /** Those before it. Resolves with whether TLS begins now; throws when the client has gone. */
  readonly begin: (wire: Wire, manner: StartTlsManner) => Promise<boolean>;
  /** What is said to the client's first word in the session, before it is ended: nobody can log in here. */
  readonly farewell: string | Uint8Array;
}

/** What a server of another protocol says. */
export const GARBAGE = "\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n";
