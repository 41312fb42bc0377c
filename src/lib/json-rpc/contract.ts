import type { Duration } from "../../core/duration.ts";
import type { AgentOptions } from "../http/agent.ts";

/** One call of a remote method. */
export interface RpcCall {
  readonly method: string;
  /** By position; none unless given. */
  readonly params?: readonly unknown[] | undefined;
  /** Ends the wait early. A reason named TimeoutError is thrown as `timeout`, any other as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline over waiting for a place, sending, and the whole answer; 15 s unless given. */
  readonly timeout?: Duration | undefined;
}

/** Something that the server told without being asked. */
export interface RpcEvent {
  readonly name: string;
  /** What it carries, as it came. */
  readonly body: unknown;
}

/** What one message of the server means, in the words that all wires share. */
export type RpcMessage =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: number | undefined; readonly failure: RpcFailure }
  | { readonly kind: "event"; readonly event: RpcEvent }
  /** The server ended the subscription to events of this name. */
  | { readonly kind: "ended"; readonly name: string }
  /** An answer to this call that is neither a result nor a failure. */
  | { readonly kind: "broken"; readonly id: number }
  /** The server took a subscription or a greeting; or something that nobody waits for. */
  | { readonly kind: "ready" | "noise" };

/** Why the server refused a call, in its own words. */
export interface RpcFailure {
  /** The protocol's number, such as -32601; undefined on a wire that has none. */
  readonly code: number | undefined;
  readonly message: string;
  /** What the server adds, of its own shape. */
  readonly data: unknown;
}

/** How calls are written and messages read on a socket. JSON-RPC 2.0 is one, DDP another. */
export interface RpcWire {
  readonly id: "json-rpc" | "ddp";
  /**
   * Sent first; calls wait until a message of kind `ready` answers it. Undefined when the socket is ready once open.
   */
  readonly greeting: string | undefined;
  /** The text of a call. */
  writeCall(id: number, method: string, params: readonly unknown[]): string;
  /** The text that asks for events of this name. */
  writeSubscription(id: number, name: string): string;
  /**
   * Reads one parsed message; undefined when it is not of this wire. An answer to send at once (a pong) comes as
   * `reply`.
   */
  read(message: unknown): (RpcMessage & { readonly reply?: string }) | undefined;
}

/** Where and how the next socket is opened. */
export interface RpcEndpoint {
  /** `wss:` URL. */
  readonly url: string;
  readonly wire: RpcWire;
}

/** A call on a socket that is not logged in yet. */
export type RpcBareCall = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** How a client reaches its server. */
export interface RpcClientOptions extends Omit<AgentOptions, "connectTimeout" | "maxConnections"> {
  /** Decides before each connection where it goes; throws `CollectError`. */
  locate(signal: AbortSignal): Promise<RpcEndpoint>;
  /**
   * Logs the fresh socket in. Throws `CollectError`; after `unauthorized` the client waits long before it tries again,
   * since servers lock out who tries too often.
   */
  login(call: RpcBareCall, endpoint: RpcEndpoint): Promise<void>;
  /**
   * Whether a failed call means that the session has ended, so that the socket is opened anew and the call sent again.
   */
  isSessionLost?(failure: RpcFailure): boolean;
  /** Calls in flight on the socket; 8 unless given. More wait. */
  readonly maxInFlight?: number;
  /** Largest message; 64 MiB unless given. */
  readonly maxMessageBytes?: number;
  /** How often sockets may be opened; tests make these short. */
  readonly pace?: Partial<RpcPace>;
}

/** How often a client opens sockets, whatever happens to them. */
export interface RpcPace {
  /** Bound on resolving, connecting, TLS, upgrade and login together; 15 s. */
  readonly open: Duration;
  /** Wait after the first failed or short-lived socket; twice as long after each more. 1 s. */
  readonly firstWait: Duration;
  /** The longest wait; 60 s. */
  readonly lastWait: Duration;
  /** Wait after a login that was refused; twice as long after each more, up to ten times as long. 60 s. */
  readonly refusedWait: Duration;
  /** At most `openings` sockets within `window`, whatever the waits say: 8 within 60 s. */
  readonly openings: number;
  readonly window: Duration;
  /**
   * A socket on which no byte comes for so long, or a quarter of it while calls are under way, is asked for a pong, and
   * dropped when half as long again passes without a byte. 20 s.
   */
  readonly silence: Duration;
}

/**
 * The client of one server: one long-lived socket, opened by the first call. A failure is a `CollectError`, a refusal
 * by the server an `RpcError`; except a caller's own abort. A call that is lost with its socket is sent once more on
 * the next: only calls that change nothing may be made by it.
 */
export interface RpcClient {
  call(call: RpcCall): Promise<unknown>;
  /** Opens the socket, when there is none, and waits until it is logged in. Fails as a call does. */
  open(wait: Pick<RpcCall, "signal" | "timeout">): Promise<void>;
  /**
   * Asks for events of this name, now and after each reconnection. `listener` hears them, and `onGap` that some may
   * have been missed: the socket was lost, or the server ended or refused the subscription, which it is asked for again
   * after a while. Returns what ends it, which the server hears of with the next socket only. Neither may throw: an
   * event at which `listener` does is a gap.
   */
  subscribe(name: string, listener: (event: RpcEvent) => void, onGap: () => void): () => void;
  /** What happened so far. */
  readonly stats: Readonly<RpcStats>;
  /** Closes the socket; calls under way fail. */
  close(): Promise<void>;
}

/** Counts of one client since it was made. */
export interface RpcStats {
  /** Sockets on which a login was tried. */
  logins: number;
  /** Sockets that were lost after a login. */
  lost: number;
  /** Calls that were sent, each time anew; logins are none. */
  calls: number;
  /** Of messages, as they came. */
  bytesReceived: number;
}
