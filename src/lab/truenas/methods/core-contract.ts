import type { TrueNasRelease } from "../contract.ts";
import type { Subscriptions } from "../events.ts";
import type { Nas, Session } from "../nas.ts";

/** A call with everything that it may need of its socket. */
export interface ReceivedCall {
  readonly nas: Nas;
  readonly session: Session;
  readonly subscriptions: Subscriptions;
  readonly release: TrueNasRelease;
  /** The client's, which the limits on logins go by. */
  readonly address: string;
  readonly params: readonly unknown[];
}

/** A method that needs to know the socket that it is called on. */
export interface CoreMethod {
  /** May be called without a login. */
  readonly open?: true;
  readonly since?: TrueNasRelease;
  call(call: ReceivedCall): unknown;
}

/** Methods by name. */
export type CoreMethods = Readonly<Record<string, CoreMethod>>;
