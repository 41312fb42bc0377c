import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { hugeBody, nextByte } from "../faults/answers.ts";
import { changesText, changeText } from "../faults/texts.ts";
import { frameHeader } from "../web-socket-frame.ts";
import { memberOf, withinMember } from "../wrong-body.ts";
import { drained } from "./drained.ts";
import type { ProxyFault } from "./proxy.ts";

/** A message on its way from the upstream to a client. */
interface FaultedMessage {
  readonly text: string;
  /** The message before. */
  readonly previous: string | undefined;
  readonly client: WebSocket;
  /** The connection below the WebSocket. */
  readonly socket: Duplex;
  /** The part of the message that is its content; the whole unless given. */
  readonly member: string | undefined;
  /** Aborted with the connection. */
  readonly signal: AbortSignal;
}

/** The faults in sending that a message can have, which are those of answers in the terms of frames. */
const INJECTIONS: Readonly<Record<string, (message: FaultedMessage) => void | Promise<void>>> = {
  hang: () => {},
  drip: async ({ text, socket, signal }) => {
    const bytes = Buffer.from(text);
    for (const byte of Buffer.concat([frameHeader(bytes.length), bytes])) {
      socket.write(Buffer.of(byte));
      if (!(await nextByte(undefined, signal))) return;
    }
  },
  reset: ({ text, socket }) => writeHalf(text, socket, () => socket.destroy()),
  cut_short: ({ text, socket }) => writeHalf(text, socket, () => socket.end()),
  // what comes after it is taken for its second half
  wrong_length: ({ text, socket }) =>
    void socket.write(Buffer.concat([frameHeader(2 * text.length), Buffer.from(text)])),
  huge_body: async ({ socket, signal }) => {
    let of: "first" | "more" = "first";
    for (const piece of hugeBody()) {
      if (signal.aborted) return;
      const hasRoom = socket.write(Buffer.concat([frameHeader(piece.length, of), Buffer.from(piece)]));
      if (!hasRoom) await drained(socket, signal);
      of = "more";
    }
    socket.write(frameHeader(0, "last"));
  },
  not_http: ({ socket }) => void socket.end("\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n"),
  previous_answer: ({ text, previous, client, member }) => {
    if (member === undefined) return client.send(previous ?? text);
    const other = previous === undefined ? undefined : memberOf(previous, member);
    client.send(other === undefined ? text : withinMember(text, member, () => other));
  },
};

/** Passes the messages of WebSockets on, those of the upstream truly or as a fault wants. */
export class MessageRelay {
  #fault: ProxyFault | undefined;
  #hasSentHuge = false;
  readonly #upstream: string;
  readonly #member: string | undefined;
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #upstreams = new Set<WebSocket>();

  /** `upstream` is its http or https URL without a path. */
  constructor(upstream: string, member: string | undefined) {
    this.#upstream = upstream.replace(/^http/, "ws");
    this.#member = member;
  }

  setFault(fault: ProxyFault | undefined): void {
    this.#fault = fault;
    this.#hasSentHuge = false;
  }

  /** Opens a WebSocket to the upstream and, once it is open, accepts the client's. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const upstream = new WebSocket(`${this.#upstream}${incoming.url ?? "/"}`, {
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    this.#upstreams.add(upstream);
    upstream.once("close", () => this.#upstreams.delete(upstream));
    upstream.on("error", () => socket.destroy());
    upstream.once("unexpected-response", (request, { statusCode, statusMessage }) => {
      request.destroy();
      socket.end(`HTTP/1.1 ${statusCode} ${statusMessage}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    });
    upstream.once("open", () => {
      // no message is lost before the client is there
      upstream.pause();
      this.#server.handleUpgrade(incoming, socket, head, (client) => this.#join(upstream, client, socket));
    });
  }

  close(): void {
    for (const upstream of this.#upstreams) upstream.terminate();
    this.#server.close();
  }

  #join(upstream: WebSocket, client: WebSocket, socket: Duplex): void {
    const gone = new AbortController();
    let previous: string | undefined;
    client.on("error", () => {});
    client.on("message", (data: RawData, isBinary) => upstream.send(data, { binary: isBinary }));
    client.once("close", (code, reason) => {
      gone.abort();
      if (isSendable(code)) upstream.close(code, reason);
      else upstream.terminate();
    });
    upstream.once("close", (code, reason) => (isSendable(code) ? client.close(code, reason) : client.terminate()));
    let sending = Promise.resolve();
    upstream.on("message", (data: RawData) => {
      const message = { text: textOf(data), previous, client, socket, member: this.#member, signal: gone.signal };
      previous = message.text;
      // bytes of two messages never mix, however slowly they are sent
      sending = sending.then(() => this.#send(message));
    });
    upstream.resume();
  }

  async #send(message: FaultedMessage): Promise<void> {
    const fault = this.#fault;
    const { client, text, member, signal } = message;
    if (signal.aborted) return;
    if (fault === undefined || fault.kind === "dns_failure") return client.send(text);
    if (changesText(fault)) return client.send(changeText(text, fault, member));
    // of huge messages one is enough: each takes as long as it is read
    if (fault.kind === "huge_body" && this.#hasSentHuge) return client.send(text);
    this.#hasSentHuge = true;
    const inject = INJECTIONS[fault.kind];
    if (inject === undefined) client.send(text);
    else await inject(message);
  }
}

/** Of all pieces of a message. */
function textOf(data: RawData): string {
  const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
  return bytes.toString("utf8");
}

/** Codes that tell of an end without a goodbye can not be sent. RFC 6455, section 7.4.1 */
const isSendable = (code: number): boolean => code >= 1000 && ![1004, 1005, 1006, 1015].includes(code);

async function writeHalf(text: string, socket: Duplex, then: () => unknown): Promise<void> {
  const bytes = Buffer.from(text);
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.write(frameHeader(bytes.length));
  socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
    then();
    resolve();
  });
  await promise;
}
