import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import type { IssuedCertificate } from "../../certificates.ts";
import type { Connections } from "./connections.ts";
import type { MailServer } from "./mail-server.ts";

/** The port of an emulated mail server, which can refuse or ignore connections and is kept meanwhile. */
export class MailListener {
  readonly #server: MailServer;
  readonly #listener: net.Server;
  readonly #tls: tls.Server | undefined;
  readonly #connections: Connections;
  #fault: "refused" | "hang" | undefined;
  #port = 0;

  /** With a certificate, connections are encrypted from the first byte on. */
  constructor(server: MailServer, connections: Connections, certificate: IssuedCertificate | undefined) {
    this.#server = server;
    this.#connections = connections;
    this.#listener = net.createServer((socket) => this.#accept(socket));
    if (certificate !== undefined) {
      this.#tls = tls.createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (socket) => {
        socket.on("error", () => {});
        this.#server.talk(socket);
      });
    }
  }

  get port(): number {
    return this.#port;
  }

  async listen(port: number): Promise<void> {
    this.#listener.listen(port, "127.0.0.1");
    await once(this.#listener, "listening");
    const address = this.#listener.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  /** Resolves when the next connection will meet the fault. */
  async setFault(fault: "refused" | "hang" | undefined): Promise<void> {
    this.#fault = fault;
    if (fault === "refused" && this.#listener.listening) await this.close();
    else if (fault !== "refused" && !this.#listener.listening) await this.listen(this.#port);
  }

  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, "close");
    this.#listener.close();
    this.#connections.dropAll();
    await closed;
  }

  #accept(socket: net.Socket): void {
    this.#connections.add(socket);
    const { trouble } = this.#server;
    if (this.#fault === "hang") return;
    if (trouble?.kind === "drip_greeting") drip(socket, trouble.intervalMs ?? 1000);
    else if (this.#tls === undefined) this.#server.talk(socket);
    else this.#tls.emit("connection", socket);
  }
}

function drip(socket: net.Socket, intervalMs: number): void {
  socket.write("220-");
  const timer = setInterval(() => socket.write("z"), intervalMs);
  socket.once("close", () => clearInterval(timer));
}
