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

/** The words of a protocol before TLS. It resolves with whether TLS begins now; throws when the client has gone. */
export type Dialogue = (wire: Wire, manner: StartTlsManner) => Promise<boolean>;

/** What a server of another protocol says. */
export const GARBAGE = "\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n";
