import type { TrueNasRelease } from "./contract.ts";
import { callOf, findMethod } from "./dispatch.ts";
import { Subscriptions, type LabEvent } from "./events.ts";
import { callError, exception, FailedCall, type LabFailure } from "./failure.ts";
import { CallPlaces } from "./limits.ts";
import { MethodError } from "./methods/contract.ts";
import type { Session } from "./nas.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import { bent, refusal, waitOf } from "./socket-faults.ts";
import type { Incoming } from "./wire.ts";

/** Characters that a message may have before and after a login. */
const BARE_CHARACTERS = 8192;
const CHARACTERS = 65_536;

/** What a socket was opened with. */
export interface NasSocketOptions extends OutboxOptions {
  /** The release whose shapes it asked for. */
  readonly release: TrueNasRelease;
  /** The client's, which the limits on logins go by. */
  readonly address: string;
}

/** One client's socket. */
export class NasSocket {
  readonly #session: Session = { key: undefined, refused: false, scram: undefined };
  readonly #options: NasSocketOptions;
  readonly #places = new CallPlaces();
  readonly #subscriptions: Subscriptions;
  readonly #outbox: Outbox;

  constructor(options: NasSocketOptions) {
    this.#options = options;
    const { nas, webSocket, wire } = options;
    this.#outbox = new Outbox(options);
    this.#subscriptions = new Subscriptions(nas, options.release, {
      event: (event) => this.#outbox.write(wire.event(event)),
      ended: (collection, failure) => this.#outbox.write(wire.ended(collection, failure)),
    });
    nas.stats.sockets += 1;
    webSocket.on("message", (data: Buffer, isBinary) => this.#take(data, isBinary));
    webSocket.on("close", () => this.#subscriptions.end());
    webSocket.on("error", () => {});
  }

  /** Sends the event when it was subscribed to. */
  tell(event: LabEvent): void {
    if (this.#subscriptions.has(event.collection)) this.#outbox.write(this.#options.wire.event(event));
  }

  /** Forgets the login, as when the server ends the session. */
  endSession(): void {
    this.#subscriptions.end();
    this.#session.key = undefined;
  }

  drop(): void {
    this.#options.webSocket.terminate();
  }

  #take(data: Buffer, isBinary: boolean): void {
    const { nas, webSocket } = this.#options;
    nas.stats.bytesReceived += data.length;
    if (isBinary) return webSocket.close(1003, "Invalid websocket message type: <WSMsgType.BINARY: 2>");
    const { length } = data.toString();
    if (this.#session.key === undefined && length > BARE_CHARACTERS)
      return webSocket.close(1007, "Anonymous connection max message length is 8 kB");
    const incoming = this.#read(data.toString());
    if (length > CHARACTERS) return webSocket.close(1009, "Max message length is 64 kB");
    this.#follow(incoming);
  }

  #read(text: string): Incoming {
    const { wire } = this.#options;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return wire.unreadable("Expecting value: line 1 column 1 (char 0)");
    }
    if (Array.isArray(message)) return wire.unreadable("Batch messages are not supported yet");
    if (typeof message !== "object" || message === null) return wire.unreadable("Invalid Message Format");
    return wire.read(message as Readonly<Record<string, unknown>>);
  }

  #follow(incoming: Incoming): void {
    if (incoming.kind === "answer") this.#outbox.write(incoming.message);
    else if (incoming.kind === "close") this.#options.webSocket.close(incoming.code, incoming.reason);
    else if (incoming.kind === "unsubscribe") this.#subscriptions.remove(incoming.id);
    else if (incoming.kind === "subscribe") this.#subscribe(incoming);
    else if (incoming.kind === "call") void this.#call(incoming);
  }

  #subscribe({ id, name }: { readonly id: string; readonly name: string }): void {
    try {
      this.#subscriptions.add(id, name, this.#session);
      this.#outbox.write({ msg: "ready", subs: [id] });
    } catch (thrown) {
      this.#outbox.write(this.#options.wire.failure(id, failureOf(thrown)));
    }
  }

  async #call({ id, method, params }: Incoming & { kind: "call" }): Promise<void> {
    const { nas, wire } = this.#options;
    nas.stats.calls.set(method, (nas.stats.calls.get(method) ?? 0) + 1);
    if (method.startsWith("auth.")) nas.stats.logins += 1;
    const owed = this.#outbox.owe(method, id);
    let answer: unknown;
    try {
      answer = wire.result(id, await this.#perform(method, params));
    } catch (thrown) {
      answer = wire.failure(id, failureOf(thrown));
    }
    owed(answer);
  }

  async #perform(name: string, params: readonly unknown[]): Promise<unknown> {
    const { nas, release, address } = this.#options;
    const method = findMethod(name, release);
    const [session, subscriptions] = [this.#session, this.#subscriptions];
    const done = this.#places.run(async () => {
      const refused = refusal(nas.socketFault, name, method.open);
      if (refused !== undefined) throw new FailedCall(refused);
      await nas.beforeAnswer(name);
      await waitOf(nas.socketFault, name);
      const result = await callOf(name, method)({ nas, session, subscriptions, release, address, params });
      return bent(nas.socketFault, name, result);
    });
    nas.stats.mostAtOnce = Math.max(nas.stats.mostAtOnce, this.#places.underWay);
    return done;
  }
}

function failureOf(thrown: unknown): LabFailure {
  if (thrown instanceof FailedCall) return thrown.failure;
  if (thrown instanceof MethodError) return callError(thrown.errname, thrown.message);
  return exception("RuntimeError", `lab: ${String(thrown)}`);
}
