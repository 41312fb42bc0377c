import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** OpenSSL gives up beyond 100 KiB of certificates, so this is more than ever counts. */
const CAPTURED_BYTES = 262_144;

/**
 * Stands between a connected socket and TLS and keeps the beginning of what the server sends, because Node tells a
 * chain as it would build it and not as it was served. Ending it ends the socket as soon as all is written.
 */
export class Tap extends Duplex {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #room = CAPTURED_BYTES;

  constructor(socket: Socket) {
    super({ emitClose: true });
    this.#socket = socket;
    socket.on("data", this.#onData);
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** What was kept; nothing more is from now on. */
  captured(): Buffer {
    const taken = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const all = taken ?? Buffer.concat(this.#chunks);
    this.#room = 0;
    this.#chunks = [];
    return all;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.destroySoon();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#room > 0) {
      this.#chunks.push(chunk);
      this.#room -= chunk.length;
    }
    if (!this.push(chunk)) this.#socket.pause();
  };
}
