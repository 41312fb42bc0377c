import { constants } from "node:crypto";
import * as net from "node:net";
import * as tls from "node:tls";
import { closeServer, listenOnLoopback } from "../listening.ts";
import { DIALOGUES, type LabProtocol } from "../starttls/dialogues.ts";
import type { Dialogue, StartTlsManner } from "../starttls/manner.ts";
import { Wire } from "../starttls/wire.ts";
import type { Entity } from "../x509/issuing.ts";
import type { EndpointFault } from "./faults.ts";

/** What is shown in the handshake. */
export interface Shown {
  readonly leaf: Entity;
  /** What comes after the leaf, in this order. */
  readonly chain: readonly Entity[];
  /** The encoding of the OCSP answer that is stapled. */
  readonly staple?: Buffer;
}

/** How the session is agreed upon; Node's defaults unless told otherwise. */
export type SessionPlan = Pick<tls.TlsOptions, "minVersion" | "maxVersion" | "ciphers" | "requestCert" | "ca">;

const HTTP_REFUSAL = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n";
const HTTP_ANSWER =
  "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 16\r\nconnection: close\r\n\r\nWatchkeeper lab\n";

/** A port of its own that shows a certificate. */
export class EndpointServer {
  /** Of protocols in which TLS does not begin at once. */
  readonly #dialogue: Dialogue | undefined;
  readonly #session: SessionPlan;
  readonly #shown: () => Promise<Shown>;
  // The TLS server is fed by a plain one, which can say something else, or nothing, before the handshake.
  readonly #listener: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #tls: Promise<tls.Server> | undefined;
  #fault: EndpointFault | undefined;
  #port = 0;

  /** `shown` is asked for when the first connection comes, and again after {@link reload}. */
  constructor(protocol: LabProtocol, session: SessionPlan, shown: () => Promise<Shown>) {
    this.#dialogue = protocol === "tls" ? undefined : DIALOGUES[protocol];
    this.#session = session;
    this.#shown = shown;
    this.#listener = net.createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#port = await listenOnLoopback(this.#listener, this.#port);
  }

  /** Has the next connection meet the fault, or none; those that are open are dropped. */
  async setFault(fault: EndpointFault | undefined): Promise<void> {
    this.#fault = fault;
    for (const socket of this.#sockets) socket.destroy();
    if (fault === "port_closed") await closeServer(this.#listener);
    else if (!this.#listener.listening) await this.start();
  }

  /** Has the next connection see what is to be shown now. */
  reload(): void {
    this.#tls = undefined;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await closeServer(this.#listener);
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // A client that goes away is no failure of the lab.
    socket.on("error", () => {});
    if (this.#fault === "reset") this.#reset(socket);
    else if (this.#fault === "silent") socket.resume();
    else if (this.#fault === "plain_http") socket.once("data", () => socket.end(HTTP_REFUSAL));
    else this.#serve(socket).catch(() => socket.destroy());
  }

  /** In the middle of the handshake; where the server speaks first, at once. */
  #reset(socket: net.Socket): void {
    if (this.#dialogue !== undefined) socket.resetAndDestroy();
    else socket.once("data", () => socket.resetAndDestroy());
  }

  async #serve(socket: net.Socket): Promise<void> {
    if (this.#dialogue !== undefined && !(await this.#dialogue.begin(new Wire(socket), mannerUnder(this.#fault)))) {
      // The end of a connection is only seen while it is read.
      socket.resume();
      return;
    }
    const server = await (this.#tls ??= this.#createTls());
    server.emit("connection", socket);
  }

  async #createTls(): Promise<tls.Server> {
    const { leaf, chain, staple } = await this.#shown();
    const server = tls.createServer(
      {
        ...this.#session,
        key: leaf.keyPem,
        cert: [leaf, ...chain].map(({ certificatePem }) => certificatePem).join(""),
        // A resumed session shows no certificate.
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      (session) => {
        session.on("error", () => {});
        session.once("data", () => session.end(this.#dialogue?.farewell ?? HTTP_ANSWER));
      },
    );
    if (staple !== undefined)
      server.on("OCSPRequest", (_: Buffer, __: Buffer, answer: (error: null, staple: Buffer) => void) =>
        answer(null, staple),
      );
    return server;
  }
}

function mannerUnder(fault: EndpointFault | undefined): StartTlsManner {
  switch (fault) {
    case "starttls_missing":
      return "missing";
    case "starttls_refused":
      return "refused";
    case "starttls_hangs":
      return "hangs";
    case "starttls_garbage":
      return "garbage";
    case "starttls_injects":
      return "injects";
    default:
      return "offered";
  }
}
