import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { formatDuration, minutes, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { startDeadline, untilAborted } from "../http/deadline.ts";
import type { Connection } from "./connection.ts";
import type { RpcCall, RpcClient, RpcClientOptions, RpcEvent, RpcPace, RpcStats } from "./contract.ts";
import { Link } from "./link.ts";
import { RpcError } from "./rpc-error.ts";
import { Subscriptions } from "./subscriptions.ts";

const MAX_IN_FLIGHT = 8;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const TIMEOUT = seconds(15);
const PACE: RpcPace = {
  open: seconds(15),
  firstWait: seconds(1),
  lastWait: seconds(60),
  refusedWait: seconds(60),
  openings: 8,
  window: minutes(1),
  silence: seconds(20),
};

/**
 * Makes the client of one server; nothing is opened before the first call. Throws `CollectError` when the certificates, the
 * key or the fingerprint are unusable.
 */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  return new SocketClient(options);
}

class SocketClient implements RpcClient {
  readonly stats: RpcStats = { logins: 0, lost: 0, calls: 0, bytesReceived: 0 };
  readonly #options: RpcClientOptions;
  readonly #pace: RpcPace;
  readonly #maxInFlight: number;
  readonly #link: Link;
  readonly #subscriptions = new Subscriptions();
  readonly #inPlace: ReturnType<typeof pLimit>;
  readonly #closing = new AbortController();

  constructor(options: RpcClientOptions) {
    this.#options = options;
    this.#pace = { ...PACE, ...options.pace };
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#inPlace = pLimit(this.#maxInFlight);
    this.#link = new Link({
      client: options,
      pace: this.#pace,
      maxInFlight: this.#maxInFlight,
      maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      onEvent: (event) => this.#subscriptions.tell(event),
      onEnded: (name) => void this.#renew(name),
      onBytes: (count) => void (this.stats.bytesReceived += count),
      onLogin: () => void this.stats.logins++,
      prepare: (connection, signal) => this.#subscribeAll(connection, signal),
      onLost: () => {
        this.stats.lost++;
        this.#subscriptions.gap();
      },
    });
  }

  async call({ method, params = [], signal: caller, timeout = TIMEOUT }: RpcCall): Promise<unknown> {
    const { signal, stop } = startDeadline(timeout, caller, (whose) => {
      const when = whose === "own" ? `within ${formatDuration(timeout)}` : "before the caller's deadline";
      return new CollectError("timeout", `${this.#link.where}: ${method}: no complete answer ${when}`);
    });
    try {
      return await this.#inTurn(async () => this.#send(method, params, signal), signal);
    } finally {
      stop();
    }
  }

  subscribe(name: string, listener: (event: RpcEvent) => void, onGap: () => void): () => void {
    const isKnown = this.#subscriptions.has(name);
    const end = this.#subscriptions.add(name, { listener, onGap });
    if (!isKnown) this.#link.underWay?.then(async (connection) => this.#ask(connection, name)).catch(() => {});
    return end;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#link.close();
  }

  /** Does the work when a place is free; one whose signal ends before that leaves the queue at once. */
  async #inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise: begun, resolve: begin } = Promise.withResolvers<{ readonly done: Promise<T> }>();
    void this.#inPlace(async () => {
      if (signal.aborted) return;
      const done = work();
      begin({ done });
      await done.catch(() => {});
    });
    const { done } = await untilAborted(begun, signal);
    return done;
  }

  async #send(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    for (let isAgain = false; ; isAgain = true) {
      const connection = await untilAborted(this.#link.connection(), signal);
      this.stats.calls++;
      try {
        return await connection.call(method, params, signal);
      } catch (thrown) {
        if (isAgain || signal.aborted || !this.#isWorthAnother(thrown, connection)) throw thrown;
      }
    }
  }

  #isWorthAnother(thrown: unknown, connection: Connection): boolean {
    if (!(thrown instanceof RpcError)) return thrown instanceof CollectError && thrown.reason === "connection_reset";
    if (this.#options.isSessionLost?.(thrown.failure) !== true) return false;
    connection.drop({ reason: "connection_reset", what: "the session has ended" });
    return true;
  }

  /** Calls wait until this is done, so that nothing changes unseen between their answer and the first event. */
  async #subscribeAll(connection: Connection, signal: AbortSignal): Promise<void> {
    const limit = pLimit(this.#maxInFlight);
    await limit.map(this.#subscriptions.names, async (name) => this.#subscribe(connection, name, signal));
  }

  async #ask(connection: Connection, name: string): Promise<void> {
    const { signal, stop } = startDeadline(this.#pace.open, this.#closing.signal, () => {
      return new CollectError("timeout", `no answer within ${formatDuration(this.#pace.open)}`);
    });
    try {
      await this.#inTurn(async () => this.#subscribe(connection, name, signal), signal);
    } finally {
      stop();
    }
  }

  /** Without its events a listener has what it reads by itself, so that a refusal is no more than a gap. */
  async #subscribe(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
    try {
      await connection.subscribe(name, signal);
    } catch {
      this.#subscriptions.gap(name);
    }
  }

  /** A server that ended a subscription is asked anew after a while; what happens meanwhile is missed too. */
  async #renew(name: string): Promise<void> {
    this.#subscriptions.gap(name);
    try {
      await sleep(this.#pace.lastWait, undefined, { ref: false, signal: this.#closing.signal });
      const connection = await this.#link.underWay;
      if (connection === undefined || !this.#subscriptions.has(name)) return;
      await this.#ask(connection, name);
      this.#subscriptions.gap(name);
    } catch {
      // the client was closed, or the next connection subscribes
    }
  }
}
