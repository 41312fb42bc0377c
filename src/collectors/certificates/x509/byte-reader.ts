import { FormatError } from "./found.ts";

/** Reads big-endian numbers and runs of bytes one after the other. Everything throws {@link FormatError} at the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** Passes over so many bytes. */
  skip(length: number): void {
    this.#advance(length);
  }

  /** So many bytes, which share memory with the whole. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** All bytes that were passed so far, which share memory with the whole. */
  passed(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) throw new FormatError("bad_keystore", `it is cut off at byte ${start}`);
    this.#position = start + length;
    return start;
  }
}
