import { once } from "node:events";
import type { Socket } from "node:net";

/** Thrown when the client has gone. */
const GONE = "the client has gone";

/** Reads from a connection just what is asked for, so that what comes after it is there for TLS. */
export class Wire {
  readonly #socket: Socket;
  readonly #gone = new AbortController();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once("close", () => this.#gone.abort());
  }

  write(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  /** Closes politely. */
  end(): void {
    this.#socket.end();
  }

  /** Exactly so many bytes. Throws when the client goes before them. */
  async bytes(count: number): Promise<Buffer> {
    for (;;) {
      const bytes = this.#socket.read(count) as Buffer | null;
      if (bytes !== null && bytes.length === count) return bytes;
      if (bytes !== null) throw new Error(GONE);
      await this.#more();
    }
  }

  /**
   * Everything up to and with the first match of the pattern, as Latin-1 text. Throws when the client goes before it.
   */
  async until(pattern: RegExp): Promise<string> {
    let text = "";
    for (;;) {
      const bytes = this.#socket.read() as Buffer | null;
      text += bytes?.toString("latin1") ?? "";
      const match = pattern.exec(text);
      if (match !== null) {
        const end = match.index + match[0].length;
        if (end < text.length) this.#socket.unshift(Buffer.from(text.slice(end), "latin1"));
        return text.slice(0, end);
      }
      if (bytes === null) await this.#more();
    }
  }

  /** A line without its end. */
  async line(): Promise<string> {
    return (await this.until(/\n/)).trimEnd();
  }

  async #more(): Promise<void> {
    if (this.#socket.destroyed) throw new Error(GONE);
    // It is readable too when the client ends, and closed soon after.
    await once(this.#socket, "readable", { signal: this.#gone.signal });
  }
}
