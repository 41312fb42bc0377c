import type { SocketFault, TrueNasLabStats, TrueNasRelease } from "./contract.ts";
import type { BareCallLimit } from "./limits.ts";
import type { NasState } from "./model/state.ts";
import type { LabApiKey } from "./model/system.ts";

/** What the sockets and the HTTP answers of one emulated server share. */
export interface Nas {
  readonly release: TrueNasRelease;
  state: NasState;
  socketFault: SocketFault | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limit: BareCallLimit;
  readonly stats: TrueNasLabStats;
  readonly beforeAnswer: (method: string) => Promise<void>;
  /** The certificate's SHA-256, which a login may be bound to. */
  certificate: Buffer;
  /** Changes when the server was started anew. */
  bootId: string;
}

/** What the server remembers of one socket's logins. */
export interface Session {
  /** Undefined before a login. */
  key: LabApiKey | undefined;
  /** Whether a login was refused on this socket. */
  refused: boolean;
  /** The login by SCRAM that is under way. */
  scram: ScramLogin | undefined;
}

/** What was said so far in a login by SCRAM. */
export interface ScramLogin {
  readonly key: LabApiKey;
  readonly gs2Header: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly nonce: string;
  readonly salted: Buffer;
}

/** The server's clock in Unix seconds. */
export const secondsOf = (nas: Nas): number => Math.floor(nas.clock() / 1000);

/**
 * Whether the user of the key has the role: its own, those that it holds, or all reading ones by READONLY_ADMIN. To
 * write includes to read, but for services. Source: https://github.com/truenas/middleware,
 * src/middlewared/middlewared/role.py
 */
export function hasRole({ state }: Nas, { username }: LabApiKey, role: string): boolean {
  const roles = state.system.roles.get(username) ?? [];
  return roles.some(
    (own) =>
      own === role ||
      own === "FULL_ADMIN" ||
      (own === "READONLY_ADMIN" && role.endsWith("_READ")) ||
      (role.endsWith("_READ") && role !== "SERVICE_READ" && own === role.replace(/_READ$/, "_WRITE")),
  );
}
