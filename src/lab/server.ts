import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import { ServerResponse } from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { Authority, IssuedCertificate } from "./certificates.ts";
import type { LabAnswer, LabHandler, LabRequest } from "./exchange.ts";
import type { Fault } from "./faults.ts";
import { faultsAnswer, injectFault, isOfTrueAnswers } from "./faults.ts";
import { FaultableListener, secureContext } from "./listener.ts";
import { sendAnswer } from "./send-answer.ts";

/** What a lab server is started with. */
export interface LabServerOptions {
  /** Signs the server's certificate; without one the server speaks plain HTTP. */
  readonly authority?: Authority;
  readonly handler: LabHandler;
  /**
   * Takes over the connection of a request that asks for an upgrade; without it such a request is answered as any
   * other.
   */
  readonly upgrade?: LabUpgrade;
  /** The address to listen on, also in the URL; 127.0.0.1 unless given. */
  readonly host?: string;
  /** A free one (0) unless given. */
  readonly port?: number;
  /** Names that its certificate holds beside the address and localhost. */
  readonly names?: readonly string[];
}

/**
 * Answers a request for an upgrade on its connection, which is its own from then on; it owes an answer to every
 * request.
 */
export type LabUpgrade = (request: LabRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** An HTTPS (or plain HTTP) server of the lab. */
export interface LabServer {
  /** Without a slash at the end, such as `https://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** SHA-256 of the certificate that it shows without a fault: hex pairs with colons. Undefined over plain HTTP. */
  readonly fingerprint256: string | undefined;
  /** The newest requests that arrived whole, oldest first, at most 1000. */
  readonly requests: readonly LabRequest[];
  /** How many connections are open: those that neither side has ended. */
  connections(): number;
  /** The most bytes that any one connection was sent since the last change of the fault. */
  mostSent(): number;
  /** Drops all connections, so that clients have to make new ones. */
  drop(): Promise<void>;
  /** Puts the server under a fault, or under none. Resolves when the next connection will meet it. */
  setFault(fault: Fault | undefined): Promise<void>;
  /** Closes the port and drops all connections, as the end of the process does. The fault and the port are kept. */
  stop(): Promise<void>;
  /** Opens the port again. */
  start(): Promise<void>;
  /** Stops for good. */
  close(): Promise<void>;
}

const REQUESTS_KEPT = 1000;

/** Starts a server around an emulated one; rejects when the port is taken. */
export async function startLabServer(options: LabServerOptions): Promise<LabServer> {
  const host = options.host ?? "127.0.0.1";
  const hosts = [host, "localhost", ...(options.names ?? [])];
  const certificate = await options.authority?.issue({ hosts });
  const server = new FaultableServer(options, { host, hosts }, certificate);
  await server.start();
  return server;
}

class FaultableServer implements LabServer {
  readonly requests: LabRequest[] = [];
  readonly #handler: LabHandler;
  readonly #host: string;
  readonly #certificate: IssuedCertificate | undefined;
  readonly #http: https.Server | http.Server;
  readonly #listener: FaultableListener;
  /** What the request before should have got, while the server is under a fault. */
  #previous: LabAnswer | undefined;

  constructor(
    options: LabServerOptions,
    { host, hosts }: { readonly host: string; readonly hosts: readonly string[] },
    certificate: IssuedCertificate | undefined,
  ) {
    this.#handler = options.handler;
    this.#host = host;
    this.#certificate = certificate;
    const serve = (...exchange: [IncomingMessage, ServerResponse]): void => void this.#serve(...exchange);
    this.#http =
      certificate === undefined ? http.createServer(serve) : https.createServer(secureContext(certificate), serve);
    const { upgrade, authority, port = 0 } = options;
    if (upgrade !== undefined)
      this.#http.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
        this.#upgrade(incoming, socket, () => upgrade(this.#note(requestOf(incoming, "")), incoming, socket, head));
      });
    this.#listener = new FaultableListener({ host, hosts, port, authority, server: this.#http }, certificate);
  }

  get port(): number {
    return this.#listener.port;
  }

  get url(): string {
    return `${this.#certificate === undefined ? "http" : "https"}://${net.isIPv6(this.#host) ? `[${this.#host}]` : this.#host}:${this.port}`;
  }

  get fingerprint256(): string | undefined {
    return this.#certificate?.fingerprint256;
  }

  connections(): number {
    return this.#listener.connections;
  }

  mostSent(): number {
    return this.#listener.mostSent;
  }

  drop(): Promise<void> {
    return this.#listener.drop();
  }

  async setFault(fault: Fault | undefined): Promise<void> {
    this.#previous = undefined;
    await this.#listener.setFault(fault);
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }

  start(): Promise<void> {
    return this.#listener.start();
  }

  async close(): Promise<void> {
    await this.stop();
    this.#http.close();
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, upgrade: () => void): void {
    socket.on("error", () => {});
    const { fault } = this.#listener;
    // the true answer to an upgrade has no text that a fault could change
    if (!faultsAnswer(fault, requestOf(incoming, "").path) || isOfTrueAnswers(fault)) return upgrade();
    // A faulted upgrade is answered as a faulted request is, and so it never becomes a WebSocket.
    const response = new ServerResponse(incoming);
    response.shouldKeepAlive = false;
    if (socket instanceof net.Socket) response.assignSocket(socket);
    response.once("finish", () => socket.end());
    void this.#serve(incoming, response);
  }

  #note(request: LabRequest): LabRequest {
    this.requests.push(request);
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift();
    return request;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const request = this.#note(requestOf(incoming, await text(incoming)));
      const { fault } = this.#listener;
      if (!faultsAnswer(fault, request.path)) return await this.#answerTruly(request, response);
      const previous = this.#previous;
      const answer = async (): Promise<LabAnswer> => {
        const truly = await this.#handler(request);
        return (this.#previous = truly === "abort" ? { status: 500 } : truly);
      };
      await injectFault({ fault, request, response, signal: gone.signal, answer, previous });
    } catch (error) {
      if (!gone.signal.aborted && !response.headersSent)
        await sendAnswer(response, { status: 500, body: `lab: ${String(error)}\n` });
    }
  }

  async #answerTruly(request: LabRequest, response: ServerResponse): Promise<void> {
    const answer = await this.#handler(request);
    if (answer === "abort") response.socket?.destroy();
    else await sendAnswer(response, answer);
  }
}

function requestOf(incoming: IncomingMessage, body: string): LabRequest {
  const target = incoming.url ?? "/";
  const url = URL.parse(target, "https://lab.test");
  return {
    method: incoming.method ?? "GET",
    path: url?.pathname ?? target,
    query: url?.searchParams ?? new URLSearchParams(),
    target,
    headers: incoming.headers,
    body,
  };
}
