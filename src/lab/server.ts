import { constants } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import { ServerResponse } from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import type { Authority, IssuedCertificate } from "./certificates.ts";
import { createAuthority } from "./certificates.ts";
import type { LabAnswer, LabHandler, LabRequest } from "./exchange.ts";
import type { Fault } from "./faults.ts";
import { faultsAnswer, injectFault, send } from "./faults.ts";

/** What a lab server is started with. */
export interface LabServerOptions {
  /** Signs the server's certificate; without one the server speaks plain HTTP. */
  readonly authority?: Authority;
  readonly handler: LabHandler;
  /** Takes over the connection of a request that asks for an upgrade; without it such a request is answered as any other. */
  readonly upgrade?: LabUpgrade;
  /** The address to listen on, also in the URL; 127.0.0.1 unless given. */
  readonly host?: string;
  /** A free one (0) unless given. */
  readonly port?: number;
}

/** Answers a request for an upgrade on its connection, which is its own from then on; it owes an answer to every request. */
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
  /** Puts the server under a fault, or under none. Resolves when the next connection will meet it. */
  setFault(fault: Fault | undefined): Promise<void>;
  /** Closes the port and drops all connections, as the end of the process does. The fault and the port are kept. */
  stop(): Promise<void>;
  /** Opens the port again. */
  start(): Promise<void>;
  /** Stops for good. */
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const REQUESTS_KEPT = 1000;
const CLIENT_TURNS = 5;

/** Starts a server around an emulated one; rejects when the port is taken. */
export async function startLabServer(options: LabServerOptions): Promise<LabServer> {
  const host = options.host ?? "127.0.0.1";
  const certificate = await options.authority?.issue({ hosts: [host, "localhost"] });
  const server = new FaultableServer(options, host, certificate);
  await server.start();
  return server;
}

class FaultableServer implements LabServer {
  readonly requests: LabRequest[] = [];
  readonly #authority: Authority | undefined;
  readonly #handler: LabHandler;
  readonly #host: string;
  readonly #certificate: IssuedCertificate | undefined;
  readonly #sockets = new Set<net.Socket>();
  readonly #http: https.Server | http.Server;
  // The HTTP(S) server is fed by a plain one, which can refuse or ignore a connection before its handshake.
  readonly #listener: net.Server;
  #port: number;
  #fault: Fault | undefined;
  #running = false;

  constructor(options: LabServerOptions, host: string, certificate: IssuedCertificate | undefined) {
    this.#authority = options.authority;
    this.#handler = options.handler;
    this.#host = host;
    this.#port = options.port ?? 0;
    this.#certificate = certificate;
    const serve = (...exchange: [IncomingMessage, ServerResponse]): void => void this.#serve(...exchange);
    this.#http =
      certificate === undefined ? http.createServer(serve) : https.createServer(secureContext(certificate), serve);
    const { upgrade } = options;
    if (upgrade !== undefined)
      this.#http.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
        this.#upgrade(incoming, socket, () => upgrade(this.#note(requestOf(incoming, "")), incoming, socket, head));
      });
    this.#listener = net.createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `${this.#certificate === undefined ? "http" : "https"}://${net.isIPv6(this.#host) ? `[${this.#host}]` : this.#host}:${this.#port}`;
  }

  get fingerprint256(): string | undefined {
    return this.#certificate?.fingerprint256;
  }

  async setFault(fault: Fault | undefined): Promise<void> {
    const certificate = await this.#certificateUnder(fault);
    const connectionsAreStale = ofConnections(fault) || ofConnections(this.#fault);
    this.#fault = fault;
    if (certificate !== undefined && "setSecureContext" in this.#http)
      this.#http.setSecureContext(secureContext(certificate));
    if (connectionsAreStale) await this.#drop();
    await this.#listenOrNot();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#listenOrNot();
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.#listenOrNot();
  }

  async close(): Promise<void> {
    await this.stop();
    this.#http.close();
  }

  async #listenOrNot(): Promise<void> {
    const shouldListen = this.#running && this.#fault?.kind !== "refused";
    if (shouldListen && !this.#listener.listening) {
      this.#listener.listen(this.#port, this.#host);
      await once(this.#listener, "listening");
      const address = this.#listener.address();
      if (address !== null && typeof address === "object") this.#port = address.port;
    }
    if (!shouldListen && this.#listener.listening) {
      const closed = once(this.#listener, "close");
      this.#listener.close();
      await this.#drop();
      await closed;
    }
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // A client that goes away is no failure of the lab.
    socket.on("error", () => {});
    if (this.#fault?.kind !== "hang_handshake") this.#http.emit("connection", socket);
  }

  async #drop(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => once(socket.destroy(), "close")));
    // A client in this process should hear of the end before it is told that the fault is there.
    for (let turn = 0; turn < CLIENT_TURNS; turn += 1) await setImmediate();
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, upgrade: () => void): void {
    socket.on("error", () => {});
    if (!faultsAnswer(this.#fault, requestOf(incoming, "").path)) return upgrade();
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
      const fault = this.#fault;
      if (!faultsAnswer(fault, request.path)) return await this.#answerTruly(request, response);
      const answer = async (): Promise<LabAnswer> => {
        const truly = await this.#handler(request);
        return truly === "abort" ? { status: 500 } : truly;
      };
      await injectFault({ fault, request, response, signal: gone.signal, answer });
    } catch (error) {
      if (!gone.signal.aborted && !response.headersSent)
        send(response, { status: 500, body: `lab: ${String(error)}\n` });
    }
  }

  async #answerTruly(request: LabRequest, response: ServerResponse): Promise<void> {
    const answer = await this.#handler(request);
    if (answer === "abort") response.socket?.destroy();
    else send(response, answer);
  }

  async #certificateUnder(fault: Fault | undefined): Promise<IssuedCertificate | undefined> {
    if (this.#authority === undefined) return undefined;
    const hosts = [this.#host, "localhost"];
    if (fault?.kind === "expired_certificate") {
      return this.#authority.issue({ hosts, notAfter: new Date(Date.now() - HOUR_MS) });
    }
    if (fault?.kind === "wrong_host_certificate") return this.#authority.issue({ hosts: ["another-host.lab.test"] });
    if (fault?.kind === "untrusted_certificate") return (await createAuthority()).issue({ hosts });
    return this.#certificate;
  }
}

function ofConnections(fault: Fault | undefined): boolean {
  return fault !== undefined && !faultsAnswer(fault, "path" in fault ? (fault.path ?? "") : "");
}

function secureContext({ certificatePem, keyPem }: IssuedCertificate): {
  cert: string;
  key: string;
  secureOptions: number;
} {
  // A resumed session is not verified again, so that a client would not see the certificate of a fault.
  return { cert: certificatePem, key: keyPem, secureOptions: constants.SSL_OP_NO_TICKET };
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
