import { constants } from "node:crypto";
import { once } from "node:events";
import * as net from "node:net";
import { setImmediate } from "node:timers/promises";
import type { SecureContextOptions } from "node:tls";
import { createAuthority, type Authority, type IssuedCertificate } from "./certificates.ts";
import { faultsAnswer, type Fault } from "./faults.ts";

/** A server of Node that a listener feeds with connections: HTTP, HTTPS, TLS or plain. */
export type FedServer = Pick<net.Server, "emit"> & { setSecureContext?(options: SecureContextOptions): void };

/** What a listener is made with. */
export interface ListenerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Names of the certificate. */
  readonly hosts: readonly string[];
  /** Signs the certificates; without one there is no TLS. */
  readonly authority: Authority | undefined;
  readonly server: FedServer;
}

const HOUR_MS = 3_600_000;
const CLIENT_TURNS = 5;

/**
 * The port of an emulated server. It hands each connection over to a server of Node, and has the faults of connections:
 * it can refuse or ignore one before its handshake, and have wrong certificates shown.
 */
export class FaultableListener {
  readonly #options: ListenerOptions;
  readonly #certificate: IssuedCertificate | undefined;
  readonly #sockets = new Map<net.Socket, { sentBefore: number }>();
  readonly #listener: net.Server;
  #port: number;
  #fault: Fault | undefined;
  #running = false;
  #mostSent = 0;

  constructor(options: ListenerOptions, certificate: IssuedCertificate | undefined) {
    this.#options = options;
    this.#certificate = certificate;
    this.#port = options.port;
    this.#listener = net.createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** How many connections are open: those that neither side has ended. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** The most bytes that any one connection was sent since the last change of the fault. */
  get mostSent(): number {
    const open = [...this.#sockets].map(([{ bytesWritten }, { sentBefore }]) => bytesWritten - sentBefore);
    return Math.max(this.#mostSent, ...open);
  }

  /** Puts it under a fault, or under none. Resolves when the next connection will meet it. */
  async setFault(fault: Fault | undefined): Promise<void> {
    const context = await this.#contextUnder(fault);
    const connectionsAreStale = isOfConnections(fault) || isOfConnections(this.#fault);
    this.#fault = fault;
    if (context !== undefined) this.#options.server.setSecureContext?.(context);
    if (connectionsAreStale) await this.drop();
    this.#mostSent = 0;
    for (const [socket, sent] of this.#sockets) sent.sentBefore = socket.bytesWritten;
    await this.#listenOrNot();
  }

  /** Closes the port and drops all connections. The fault and the port are kept. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#listenOrNot();
  }

  /** Opens the port; rejects when it is taken. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#listenOrNot();
  }

  /** Drops all connections. */
  async drop(): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map((socket) => once(socket.destroy(), "close")));
    // A client in this process should hear of the end before it is told that the fault is there.
    for (let turn = 0; turn < CLIENT_TURNS; turn += 1) await setImmediate();
  }

  async #listenOrNot(): Promise<void> {
    const shouldListen = this.#running && this.#fault?.kind !== "refused";
    if (shouldListen && !this.#listener.listening) {
      this.#listener.listen(this.#port, this.#options.host);
      await once(this.#listener, "listening");
      const address = this.#listener.address();
      if (address !== null && typeof address === "object") this.#port = address.port;
    }
    if (!shouldListen && this.#listener.listening) {
      const closed = once(this.#listener, "close");
      this.#listener.close();
      await this.drop();
      await closed;
    }
  }

  #accept(socket: net.Socket): void {
    this.#sockets.set(socket, { sentBefore: 0 });
    socket.once("close", () => {
      const sent = this.#sockets.get(socket)?.sentBefore ?? 0;
      this.#mostSent = Math.max(this.#mostSent, socket.bytesWritten - sent);
      this.#sockets.delete(socket);
    });
    // A client that goes away is no failure of the lab.
    socket.on("error", () => {});
    if (this.#fault?.kind !== "hang_handshake") this.#options.server.emit("connection", socket);
  }

  async #contextUnder(fault: Fault | undefined): Promise<SecureContextOptions | undefined> {
    const { authority, hosts } = this.#options;
    if (authority === undefined || this.#certificate === undefined) return undefined;
    if (fault?.kind === "expired_certificate")
      return secureContext(await authority.issue({ hosts, notAfter: new Date(Date.now() - HOUR_MS) }));
    if (fault?.kind === "wrong_host_certificate")
      return secureContext(await authority.issue({ hosts: ["another-host.lab.test"] }));
    if (fault?.kind === "untrusted_certificate") return secureContext(await (await createAuthority()).issue({ hosts }));
    if (fault?.kind === "old_tls") return { ...secureContext(this.#certificate), ...OLD_TLS };
    return secureContext(this.#certificate);
  }
}

/** OpenSSL has these versions only below its own level of security. */
const OLD_TLS = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

function isOfConnections(fault: Fault | undefined): boolean {
  return fault !== undefined && !faultsAnswer(fault, "path" in fault ? (fault.path ?? "") : "");
}

/** What a server of Node shows the certificate with. */
export function secureContext({ certificatePem, keyPem }: IssuedCertificate): SecureContextOptions {
  // A resumed session is not verified again, so that a client would not see the certificate of a fault.
  return { cert: certificatePem, key: keyPem, secureOptions: constants.SSL_OP_NO_TICKET };
}
