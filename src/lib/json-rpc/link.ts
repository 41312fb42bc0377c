import { setTimeout as sleep } from "node:timers/promises";
import type { buildConnector } from "undici";
import { formatDuration, seconds } from "../../core/duration.ts";
import { asCollectError, CollectError } from "../../core/errors.ts";
import { createConnector } from "../http/agent.ts";
import { startDeadline, untilAborted } from "../http/deadline.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { Loss } from "./lost-socket.ts";
import type { RpcClientOptions, RpcEndpoint, RpcPace } from "./contract.ts";
import { SocketPace } from "./pace.ts";
import { openSocket, placeOf } from "./socket.ts";

/** What a link needs beside the options of its client. */
export interface LinkOptions extends Pick<ConnectionOptions, "onEvent" | "onEnded" | "onBytes" | "maxMessageBytes"> {
  readonly client: RpcClientOptions;
  readonly pace: RpcPace;
  readonly maxInFlight: number;
  /** A socket is about to be logged in. */
  onLogin(): void;
  /** Makes a fresh connection ready for calls. */
  prepare(connection: Connection, signal: AbortSignal): Promise<void>;
  /** A connection that calls were made on is no more. */
  onLost(): void;
}

/** A wait no longer than this is waited for by the calls; a longer one fails them at once. */
const PATIENCE = seconds(2);

/**
 * The way to one server: never more than one connection at a time, opened when one is wanted, at the pace that is
 * allowed.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #pace: SocketPace;
  readonly #connect: buildConnector.connector;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #since = 0;
  #fault: CollectError | undefined;
  #where = "the server";

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#pace = new SocketPace(options.pace);
    this.#connect = createConnector({ ...options.client, connectTimeout: options.pace.open });
  }

  /** The connection, or the one that is being opened; undefined when there is none. */
  get underWay(): Promise<Connection> | undefined {
    return this.#connection === undefined ? this.#opening : Promise.resolve(this.#connection);
  }

  /** The server, as messages show it. */
  get where(): string {
    return this.#where;
  }

  /** The connection, opened when there is none. All who wait for it share its fate. */
  async connection(): Promise<Connection> {
    this.#closing.signal.throwIfAborted();
    if (this.#connection !== undefined) return this.#connection;
    this.#opening ??= this.#openInTime().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closing.abort(new CollectError("internal", "the client is closed"));
    await this.#connection?.close({ reason: "internal", what: "the client is closed" });
    await this.#opening?.catch(() => {});
  }

  async #openInTime(): Promise<Connection> {
    await this.#waitForPace();
    this.#pace.opened(performance.now());
    try {
      return this.#keep(await this.#open());
    } catch (thrown) {
      this.#fault = asCollectError(thrown);
      this.#pace.failed(performance.now(), this.#fault.reason);
      throw this.#fault;
    }
  }

  async #waitForPace(): Promise<void> {
    const { signal } = this.#closing;
    // More than once if need be, since a timer may be a moment early.
    for (let wait = this.#waitNow(); wait > 0; wait = this.#waitNow()) {
      if (wait > PATIENCE) throw this.#tooSoon(wait);
      await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  #waitNow(): number {
    return this.#pace.waitAt(performance.now());
  }

  #tooSoon(wait: number): CollectError {
    const next = `the next attempt is in ${Math.ceil(wait / 1_000)}s`;
    if (this.#fault !== undefined) return new CollectError(this.#fault.reason, `${this.#fault.message}; ${next}`);
    return new CollectError("rate_limited", `the connection was opened too often; ${next}`);
  }

  async #open(): Promise<Connection> {
    const { client, pace } = this.#options;
    const { signal, stop } = startDeadline(pace.open, this.#closing.signal, () => {
      return new CollectError("timeout", `${this.#where}: no connection within ${formatDuration(pace.open)}`);
    });
    let connection: Connection | undefined;
    try {
      const endpoint = await untilAborted(client.locate(signal), signal);
      this.#where = placeOf(new URL(endpoint.url));
      connection = await this.#connectTo(endpoint, signal);
      await untilAborted(this.#ready(connection, endpoint, signal), signal);
      return connection;
    } catch (thrown) {
      connection?.drop({ reason: "connection_reset", what: "the login failed" });
      throw thrown;
    } finally {
      stop();
    }
  }

  async #connectTo(endpoint: RpcEndpoint, signal: AbortSignal): Promise<Connection> {
    const { pace, maxMessageBytes, maxInFlight, onEvent, onEnded, onBytes } = this.#options;
    const url = new URL(endpoint.url);
    const socket = await openSocket({ url, connect: this.#connect, maxMessageBytes, within: pace.open, signal });
    return new Connection({
      socket,
      wire: endpoint.wire,
      where: this.#where,
      silence: pace.silence,
      maxMessageBytes,
      maxAbandoned: maxInFlight,
      onEvent,
      onEnded,
      onBytes,
      onLoss: (connection, loss) => this.#forget(connection, loss),
    });
  }

  async #ready(connection: Connection, endpoint: RpcEndpoint, signal: AbortSignal): Promise<void> {
    const { client, onLogin, prepare } = this.#options;
    await connection.greet();
    onLogin();
    await client.login(async (method, params) => connection.call(method, params, signal), endpoint);
    this.#pace.loggedIn();
    await prepare(connection, signal);
  }

  #keep(connection: Connection): Connection {
    if (connection.loss !== undefined) {
      throw new CollectError(connection.loss.reason, `${connection.where}: ${connection.loss.what}`);
    }
    this.#since = performance.now();
    this.#connection = connection;
    this.#fault = undefined;
    return connection;
  }

  /** One that is lost before it was ready is the business of its opening. */
  #forget(connection: Connection, { reason, what }: Loss): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    if (this.#closing.signal.aborted) return;
    this.#fault = new CollectError(reason, `${connection.where}: ${what}`);
    this.#pace.lost(performance.now(), this.#since, reason);
    this.#options.onLost();
  }
}
