import type { Duplex } from "node:stream";
import { CollectError } from "../../../core/errors.ts";
import { printable } from "../../../lib/http/request-text.ts";

/** Far more than any greeting, and little enough that a server that never ends one costs nothing. */
const READ_BYTES = 32_768;

/** What is waited for at this moment, for the message of a deadline: a noun such as `the greeting`. */
export interface Progress {
  waitingFor: string;
}

/** What was found at the start of the bytes, and how many of them it takes; undefined while it is not complete. */
export type Take<T> = (bytes: Buffer) => { readonly value: T; readonly length: number } | undefined;

interface Waiting {
  readonly tryAgain: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads the few words that a protocol says before TLS begins, however the bytes are cut. At most 32 KiB are read in
 * all. The errors of the socket are passed on as they are; the end of the connection is a CollectError
 * `connection_reset`.
 */
export class Wire {
  readonly #socket: Duplex;
  readonly #progress: Progress;
  #bytes: Buffer = Buffer.alloc(0);
  #total = 0;
  #failure: unknown;
  #waiting: Waiting | undefined;

  constructor(socket: Duplex, progress: Progress) {
    this.#socket = socket;
    this.#progress = progress;
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onEnd);
  }

  /** Sends the bytes, or the text as UTF-8. */
  send(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  /** Waits until `take` finds something; `what` is a noun for messages, such as `the greeting`. */
  async read<T>(what: string, take: Take<T>): Promise<T> {
    this.#progress.waitingFor = what;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const tryAgain = (): void => {
      const found = take(this.#bytes);
      if (found === undefined) return this.#failure === undefined ? undefined : this.#stop(reject);
      this.#waiting = undefined;
      this.#bytes = this.#bytes.subarray(found.length);
      resolve(found.value);
    };
    this.#waiting = { tryAgain, reject };
    this.#try();
    return promise;
  }

  /** The next line as Latin-1, without its end. */
  line(what: string): Promise<string> {
    return this.read(what, (bytes) => {
      const end = bytes.indexOf(0x0a);
      if (end === -1) return undefined;
      return { value: bytes.toString("latin1", 0, bytes[end - 1] === 0x0d ? end - 1 : end), length: end + 1 };
    });
  }

  /** The next `length` bytes. */
  bytes(what: string, length: number): Promise<Buffer> {
    return this.read(what, (bytes) =>
      bytes.length < length ? undefined : { value: bytes.subarray(0, length), length },
    );
  }

  /**
   * Leaves the socket, paused, to TLS. Throws when bytes are left over: what came before TLS could have been put there
   * by anybody on the way, and must not be taken for something said within it (CVE-2011-0411).
   */
  release(): void {
    const { socket, rest } = { socket: this.#socket, rest: this.#bytes };
    socket.pause();
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", this.#onError).off("close", this.#onEnd);
    if (rest.length > 0)
      throw new CollectError("invalid_response", `the server went on in plain text where TLS begins: ${excerpt(rest)}`);
    if (this.#failure !== undefined) throw this.#failure;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#total += chunk.length;
    if (this.#total > READ_BYTES) {
      this.#socket.pause();
      const what = `${this.#progress.waitingFor} is longer than ${READ_BYTES / 1024} KiB`;
      this.#fail(new CollectError("invalid_response", what));
      return;
    }
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#try();
  };

  readonly #onEnd = (): void =>
    this.#fail(
      new CollectError(
        "connection_reset",
        `the connection was closed before ${this.#progress.waitingFor} was complete`,
      ),
    );

  readonly #onError = (error: Error): void => this.#fail(error);

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#try();
  }

  #try(): void {
    try {
      this.#waiting?.tryAgain();
    } catch (thrown) {
      const reject = this.#waiting?.reject;
      this.#waiting = undefined;
      reject?.(thrown);
    }
  }

  #stop(reject: (reason: unknown) => void): void {
    this.#waiting = undefined;
    reject(this.#failure);
  }
}

/** The beginning of what a server said, in quotes, for a message; anything but text is shown as hexadecimal. */
export function excerpt(said: string | Buffer): string {
  const bytes = typeof said === "string" ? Buffer.from(said, "latin1") : said;
  const head = bytes.subarray(0, 80);
  const isText = head.every((byte) => byte === 0x09 || byte === 0x0a || byte === 0x0d || (byte >= 0x20 && byte < 0x7f));
  if (isText) return `"${printable(head.toString("latin1"))}"`;
  return `bytes ${head.toString("hex", 0, 16)}`;
}
