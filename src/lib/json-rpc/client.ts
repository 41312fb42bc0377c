import pLimit from "p-limit";
import { formatDuration, minutes, seconds, type Duration } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { startDeadline, untilAborted } from "../http/deadline.ts";
import type { Connection } from "./connection.ts";
import type { RpcCall, RpcClient, RpcClientOptions, RpcEvent, RpcPace, RpcStats } from "./contract.ts";
import { EventRequests } from "./event-requests.ts";
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
 * Makes the client of one server; nothing is opened before the first call. Throws `CollectError` when the certificates,
 * the key or the fingerprint are unusable.
 */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  return new SocketClient(options);
}

class SocketClient implements RpcClient {
  readonly stats: RpcStats = { logins: 0, lost: 0, calls: 0, bytesReceived: 0 };
  readonly #options: RpcClientOptions;
  readonly #link: Link;
  readonly #subscriptions = new Subscriptions();
  readonly #requests: EventRequests;
  readonly #inPlace: ReturnType<typeof pLimit>;
  readonly #closing = new AbortController();

  constructor(options: RpcClientOptions) {
    this.#options = options;
    const pace = { ...PACE, ...options.pace };
    const maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#inPlace = pLimit(maxInFlight);
    this.#requests = new EventRequests({
      subscriptions: this.#subscriptions,
      pace,
      maxInFlight,
      closing: this.#closing.signal,
      underWay: () => this.#link.underWay,
      inTurn: (work, signal) => this.#inTurn(work, signal),
    });
    this.#link = new Link({
      client: options,
      pace,
      maxInFlight,
      maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      onEvent: (event) => this.#subscriptions.tell(event),
      onEnded: (name) => void this.#requests.postpone(name),
      onBytes: (count) => void (this.stats.bytesReceived += count),
      onLogin: () => void this.stats.logins++,
      prepare: (connection, signal) => this.#requests.prepare(connection, signal),
      onLost: () => {
        this.stats.lost++;
        this.#subscriptions.gap();
      },
    });
  }

  async call({ method, params = [], signal: caller, timeout = TIMEOUT }: RpcCall): Promise<unknown> {
    const { signal, stop } = startDeadline(timeout, caller, (whose) => {
      return this.#late(`${method}: no complete answer`, whose === "own" ? timeout : undefined);
    });
    try {
      return await this.#inTurn(async () => this.#send(method, params, signal), signal);
    } finally {
      stop();
    }
  }

  async open({ signal: caller, timeout = TIMEOUT }: Pick<RpcCall, "signal" | "timeout">): Promise<void> {
    const { signal, stop } = startDeadline(timeout, caller, (whose) => {
      return this.#late("no connection", whose === "own" ? timeout : undefined);
    });
    try {
      await untilAborted(this.#link.connection(), signal);
    } finally {
      stop();
    }
  }

  subscribe(name: string, listener: (event: RpcEvent) => void, onGap: () => void): () => void {
    const isKnown = this.#subscriptions.has(name);
    const end = this.#subscriptions.add(name, { listener, onGap });
    if (!isKnown) void this.#requests.begin(name);
    return end;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#link.close();
  }

  #late(what: string, after: Duration | undefined): CollectError {
    const when = after === undefined ? "before the caller's deadline" : `within ${formatDuration(after)}`;
    return new CollectError("timeout", `${this.#link.where}: ${what} ${when}`);
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
}
