import type { TrueNasRelease } from "../contract.ts";
import type { NasState } from "../model/state.ts";

/** What a method of the emulated server is called with. */
export interface MethodContext {
  readonly state: NasState;
  /** The release whose shapes the socket was opened for. */
  readonly release: TrueNasRelease;
  readonly params: readonly unknown[];
  /** The server's clock in Unix seconds. */
  now(): number;
  /** A date as this wire writes it: `{"$date": milliseconds}`. */
  date(unixSeconds: number): unknown;
}

/** One method of the emulated server. */
export interface LabMethod {
  /**
   * The role that a key needs, such as POOL_READ; READONLY_ADMIN has all that end in _READ. Undefined when a login is
   * enough.
   */
  readonly role?: string;
  /** The first release that has it; all unless given. */
  readonly since?: TrueNasRelease;
  /** The last release that has it; all unless given. */
  readonly until?: TrueNasRelease;
  /** Throws `MethodError`. */
  call(context: MethodContext): unknown;
}

/** Methods by name, such as `pool.query`. */
export type LabMethods = Readonly<Record<string, LabMethod>>;

/**
 * What a method throws to be answered as an error of this name, such as ENOENT or EINVAL, in the middleware's own form.
 */
export class MethodError extends Error {
  override readonly name = "MethodError";
  readonly errname: string;

  constructor(errname: string, reason: string) {
    super(reason);
    this.errname = errname;
  }
}
