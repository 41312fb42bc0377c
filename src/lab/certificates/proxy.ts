import * as http from "node:http";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { closeServer, listenOnLoopback } from "./listening.ts";

/** What a proxy does when it is asked to CONNECT. */
export type ProxyManner = "allows" | "forbids" | "wants_login" | "fails" | "hangs" | "garbage";

const REFUSALS: Readonly<Record<Exclude<ProxyManner, "allows" | "hangs">, string>> = {
  forbids: "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
  wants_login:
    'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="lab"\r\ncontent-length: 0\r\n\r\n',
  fails: "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
  garbage: "\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n",
};

/** An HTTP proxy that tunnels by CONNECT. */
export class LabProxy {
  manner: ProxyManner = "allows";
  /** Where it was asked to connect to, such as `nas.lan:443`, oldest first. */
  readonly asked: string[] = [];
  readonly #server = http.createServer((_, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Duplex>();
  #port = 0;

  constructor() {
    this.#server.on("connect", (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#keep(socket);
      this.#connect(request.url ?? "", socket, head);
    });
  }

  /** Such as `http://127.0.0.1:41234`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#port = await listenOnLoopback(this.#server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await closeServer(this.#server);
  }

  #connect(authority: string, socket: Duplex, head: Buffer): void {
    this.asked.push(authority);
    if (this.manner === "hangs") return;
    if (this.manner !== "allows") {
      socket.end(REFUSALS[this.manner]);
      return;
    }
    const target = URL.parse(`http://${authority}`);
    const onward = net.connect(Number(target?.port), target?.hostname);
    this.#keep(onward);
    onward.once("connect", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.once("error", () => socket.destroyed || socket.end(REFUSALS.fails));
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    // A client that goes away is no failure of the lab.
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
