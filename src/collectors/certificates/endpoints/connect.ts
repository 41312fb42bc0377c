import { connect, type NetConnectOpts, type Socket } from "node:net";
import { milliseconds } from "../../../core/duration.ts";
import type { Address } from "./addresses.ts";

/** How long one address is tried alone before the next one joins in (RFC 8305 section 8). */
const HEAD_START = milliseconds(250);

/** A connection and the address that took it. */
export interface Connected {
  readonly socket: Socket;
  readonly address: Address;
}

type Open = (options: NetConnectOpts) => Socket;

/**
 * Connects to the first address that answers; the others join in one after the other and are dropped when one has.
 * Throws the error of the only address, an AggregateError of all, or the signal's reason.
 */
export async function connectAny(
  addresses: readonly Address[],
  port: number,
  signal: AbortSignal,
  open: Open = connect,
): Promise<Connected> {
  signal.throwIfAborted();
  const race = new Race(addresses, (address) => open({ host: address.address, port }));
  const abort = (): void => race.lose(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    race.startNext();
    return await race.outcome;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

class Race {
  readonly #waiting: Address[];
  readonly #open: (address: Address) => Socket;
  readonly #running = new Set<Socket>();
  readonly #errors: Error[] = [];
  readonly #settle = Promise.withResolvers<Connected>();
  #timer: NodeJS.Timeout | undefined;

  constructor(addresses: readonly Address[], open: (address: Address) => Socket) {
    this.#waiting = [...addresses];
    this.#open = open;
  }

  get outcome(): Promise<Connected> {
    return this.#settle.promise;
  }

  readonly startNext = (): void => {
    clearTimeout(this.#timer);
    const address = this.#waiting.shift();
    if (address === undefined) return;
    const socket = this.#open(address);
    this.#running.add(socket);
    socket.on("error", (error) => this.#failed(socket, error));
    socket.once("connect", () => this.#won(socket, address));
    if (this.#waiting.length > 0) this.#timer = setTimeout(this.startNext, HEAD_START);
  };

  lose(reason: unknown): void {
    this.#settle.reject(reason);
    this.#stop();
  }

  #won(socket: Socket, address: Address): void {
    this.#running.delete(socket);
    this.#settle.resolve({ socket, address });
    this.#stop();
  }

  #failed(socket: Socket, error: Error): void {
    // a later error of the winner, which stays silent here: whoever uses it listens too
    if (!this.#running.delete(socket)) return;
    this.#errors.push(error);
    if (this.#waiting.length > 0) this.startNext();
    else if (this.#running.size === 0) this.lose(this.#errors.length === 1 ? error : new AggregateError(this.#errors));
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    for (const socket of this.#running) socket.destroy();
    this.#running.clear();
  }
}
