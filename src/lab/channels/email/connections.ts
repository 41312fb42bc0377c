import type { Socket } from "node:net";

/** The open connections of a server, by the port of the client. */
export class Connections {
  readonly #sockets = new Map<number | undefined, Socket>();

  get size(): number {
    return this.#sockets.size;
  }

  add(socket: Socket): void {
    const port = socket.remotePort;
    this.#sockets.set(port, socket);
    socket.once("close", () => this.forget(port));
    // A client that goes away is no failure of the lab.
    socket.on("error", () => {});
  }

  /** To be called for whoever takes the listeners off a socket, as STARTTLS does. */
  forget(port: number | undefined): void {
    this.#sockets.delete(port);
  }

  drop(port: number): void {
    this.#sockets.get(port)?.destroy();
  }

  dropAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#sockets.clear();
  }
}
