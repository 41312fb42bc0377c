import type { RawData } from "ws";
import type { Duration } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { printable } from "../http/request-text.ts";
import { isNestedTooDeep } from "../json-depth.ts";
import type { RpcEvent, RpcWire } from "./contract.ts";
import { PendingCalls } from "./pending.ts";
import { createRefusal } from "./rpc-error.ts";
import type { OpenSocket } from "./socket.ts";
import { describeClose, describeFault, type Loss } from "./lost-socket.ts";
import { watchSilence } from "./silence.ts";

/** What a connection is made of, and who hears what it hears. */
export interface ConnectionOptions {
  readonly socket: OpenSocket;
  readonly wire: RpcWire;
  /** The server, as messages show it. */
  readonly where: string;
  readonly silence: Duration;
  readonly maxMessageBytes: number;
  /** As many calls that the server still works at though nobody waits for them are the end of the connection. */
  readonly maxAbandoned: number;
  onEvent(event: RpcEvent): void;
  /** The server ended a subscription. */
  onEnded(name: string): void;
  onBytes(count: number): void;
  /** The connection is no more; told before its calls fail. */
  onLoss(connection: Connection, loss: Loss): void;
}

/** One socket and the calls on it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #pending = new PendingCalls();
  readonly #greeted = Promise.withResolvers<void>();
  /** The names of events that this connection was asked for. */
  readonly #subscribed = new Set<string>();
  readonly #stopWatching: () => void;
  #nextId = 1;
  #loss: Loss | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { ws, bytesRead } = options.socket;
    // nobody waits for it on a wire without a greeting
    this.#greeted.promise.catch(() => {});
    ws.on("message", (data: RawData) => this.#hear(data));
    ws.once("error", (error) => this.drop(describeFault(error, options.maxMessageBytes)));
    ws.once("close", (code) => this.drop(describeClose(code)));
    this.#stopWatching = watchSilence(options.silence, {
      bytesRead,
      isBusy: () => this.#pending.size > 0,
      ask: () => ws.ping(),
      drop: () => this.drop({ reason: "connection_reset", what: "the server went silent" }),
    });
    ws.resume();
  }

  /** Undefined as long as the socket is open. */
  get loss(): Loss | undefined {
    return this.#loss;
  }

  /** The server, as messages show it. */
  get where(): string {
    return this.#options.where;
  }

  /** Sends the wire's greeting and waits until the server takes it. */
  async greet(): Promise<void> {
    const { greeting } = this.#options.wire;
    if (greeting === undefined) return;
    this.#options.socket.ws.send(greeting);
    await this.#greeted.promise;
  }

  /** Sends a call and waits for its answer; a loss of the socket is thrown as `CollectError`. */
  async call(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    return this.#send(method, params, signal, (id) => this.#options.wire.writeCall(id, method, params));
  }

  /** Asks for events, unless it was done before, and waits until the server agrees. */
  async subscribe(name: string, signal: AbortSignal): Promise<void> {
    if (this.#subscribed.has(name)) return;
    this.#subscribed.add(name);
    try {
      const what = `subscription to ${name}`;
      await this.#send(what, [], signal, (id) => this.#options.wire.writeSubscription(id, name));
    } catch (thrown) {
      this.#subscribed.delete(name);
      throw thrown;
    }
  }

  /** Ends the connection and every call on it. */
  drop(loss: Loss): void {
    this.#end(loss);
    this.#options.socket.ws.terminate();
  }

  /** As {@link drop}, but the server is told first. */
  async close(loss: Loss): Promise<void> {
    const { ws } = this.#options.socket;
    if (ws.readyState === ws.CLOSED) return;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    ws.once("close", () => resolve());
    this.#end(loss);
    ws.close(1000);
    await closed;
  }

  #end(loss: Loss): void {
    if (this.#loss !== undefined) return;
    this.#loss = loss;
    this.#stopWatching();
    this.#options.onLoss(this, loss);
    this.#pending.failAll((where) => new CollectError(loss.reason, `${where}: ${loss.what}`));
    this.#greeted.reject(new CollectError(loss.reason, `${this.where}: ${loss.what}`));
  }

  async #send(
    what: string,
    params: readonly unknown[],
    signal: AbortSignal,
    write: (id: number) => string,
  ): Promise<unknown> {
    const where = `${this.where}: ${what}`;
    const { ws } = this.#options.socket;
    signal.throwIfAborted();
    // the server said goodbye already
    if (ws.readyState !== ws.OPEN) this.drop(describeClose(undefined));
    if (this.#loss !== undefined) throw new CollectError(this.#loss.reason, `${where}: ${this.#loss.what}`);
    const id = this.#nextId++;
    const text = written(where, () => write(id));
    const answer = this.#pending.wait(id, { where, params }, signal);
    ws.send(text);
    try {
      return await answer;
    } finally {
      this.#dropWhenStuck();
    }
  }

  #dropWhenStuck(): void {
    if (this.#pending.abandoned < this.#options.maxAbandoned) return;
    this.drop({ reason: "connection_reset", what: `${this.#pending.abandoned} calls were left without an answer` });
  }

  #hear(data: RawData): void {
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    this.#options.onBytes(bytes.byteLength);
    const message = this.#read(bytes);
    if (message === undefined) return this.#pending.unreadable();
    if (message.reply !== undefined) this.#options.socket.ws.send(message.reply);
    this.#take(message);
  }

  #read(bytes: Buffer): ReturnType<RpcWire["read"]> {
    try {
      const text = bytes.toString("utf8");
      return isNestedTooDeep(text) ? undefined : this.#options.wire.read(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  #take(message: NonNullable<ReturnType<RpcWire["read"]>>): void {
    switch (message.kind) {
      case "result":
        return this.#pending.result(message.id, message.result);
      case "broken":
        return this.#pending.broken(message.id);
      case "event":
        return this.#options.onEvent(message.event);
      case "ended":
        this.#subscribed.delete(message.name);
        return this.#options.onEnded(message.name);
      case "ready":
        return this.#greeted.resolve();
      case "noise":
        return;
      case "failure":
        if (message.id !== undefined) return this.#pending.refuse(message.id, message.failure);
        this.#greeted.reject(createRefusal(this.#options.where, message.failure));
        return this.#pending.unreadable();
    }
  }
}

/** The error of JSON quotes no more than keys, but says nothing of the place. */
function written(where: string, write: () => string): string {
  try {
    return write();
  } catch (thrown) {
    const why = thrown instanceof Error ? printable(thrown.message) : "it can not be encoded";
    throw new CollectError("internal", `${where}: the parameters can not be sent as JSON: ${why}`);
  }
}
