import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { frameHeader } from "../web-socket-frame.ts";
import type { Nas } from "./nas.ts";
import type { LabWire } from "./wire.ts";

/** What is written to. */
export interface OutboxOptions {
  readonly nas: Nas;
  readonly webSocket: WebSocket;
  /** The connection below the WebSocket. */
  readonly connection: Duplex;
  readonly wire: LabWire;
}

/** What a client is sent, as the fault of the moment wants it. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Answers that wait for those that were asked for later. */
  readonly #held: unknown[] = [];
  #owed = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  write(message: unknown): void {
    this.#send(JSON.stringify(message));
  }

  /** Notes that a call was taken; the answer is given to what is returned. */
  owe(method: string, id: unknown): (answer: unknown) => void {
    this.#owed += 1;
    return (answer) => {
      this.#owed -= 1;
      const fault = this.#options.nas.socketFault;
      if (fault !== undefined && "method" in fault && fault.method === method) {
        if (fault.kind === "not_json") return this.#send("<html>502 Bad Gateway</html>");
        if (fault.kind === "drop_mid_reply") return this.#sendHalf(JSON.stringify(answer));
      }
      if (fault?.kind === "unknown_ids") this.write(this.#options.wire.result(unknownIdLike(id), "nobody asked"));
      this.#held.push(answer);
      if (fault?.kind !== "out_of_order" || this.#owed === 0) this.#release();
    };
  }

  #release(): void {
    for (const answer of this.#held.splice(0).toReversed()) this.write(answer);
  }

  #send(text: string): void {
    const { nas, webSocket } = this.#options;
    if (webSocket.readyState !== webSocket.OPEN) return;
    nas.stats.bytesSent += Buffer.byteLength(text);
    webSocket.send(text);
  }

  #sendHalf(text: string): void {
    const { connection } = this.#options;
    const bytes = Buffer.from(text);
    connection.write(frameHeader(bytes.length));
    connection.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => connection.destroy());
  }
}

const unknownIdLike = (id: unknown): unknown => (typeof id === "number" ? id + 1_000_000 : `nobody-${String(id)}`);
