/** Tags of ASN.1 as one byte, with the class and the mark of what has children. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Bytes that are not DER, or not of the expected shape; the message says what and at which byte. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** The tag of a context-specific element, such as `[0]`; `constructed` when it has children. */
export const contextTag = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number;

const MAX_LENGTH_BYTES = 4;

/** One element of DER (ITU-T X.690): a window on the bytes, which are not copied and must not be changed. */
export class Der {
  /** The bytes around it. */
  readonly bytes: Uint8Array;
  readonly tag: number;
  /** Where the tag, the content and what comes after are. */
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;

  constructor(bytes: Uint8Array, place: { tag: number; start: number; contentStart: number; end: number }) {
    this.bytes = bytes;
    this.tag = place.tag;
    this.start = place.start;
    this.contentStart = place.contentStart;
    this.end = place.end;
  }

  /** The element that starts at a byte. Throws {@link DerError} when it is cut off, of indefinite length or no DER. */
  static at(bytes: Uint8Array, start = 0, end = bytes.length): Der {
    const tag = bytes[start];
    const first = bytes[start + 1];
    if (tag === undefined || first === undefined || start + 2 > end) throw new DerError(`cut off at byte ${start}`);
    if ((tag & 0x1f) === 0x1f) throw new DerError(`a tag that is not supported at byte ${start}`);
    let contentStart = start + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES) throw new DerError(`a wrong length at byte ${start + 1}`);
      contentStart += count;
      if (contentStart > end) throw new DerError(`cut off at byte ${start}`);
      length = 0;
      for (let i = start + 2; i < contentStart; i++) length = length * 256 + (bytes[i] ?? 0);
    }
    if (contentStart + length > end) throw new DerError(`cut off at byte ${start}`);
    return new Der(bytes, { tag, start, contentStart, end: contentStart + length });
  }

  /** Tag, length and content; shares memory with the bytes around. */
  get encoded(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The content; shares memory with the bytes around. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.contentStart, this.end);
  }

  /** Its children one after the other, whatever its tag. */
  children(): DerCursor {
    return new DerCursor(this.bytes, this.contentStart, this.end);
  }

  /** Itself. Throws {@link DerError} when its tag is another. */
  as(tag: number): Der {
    if (this.tag !== tag) {
      throw new DerError(`tag 0x${this.tag.toString(16)} instead of 0x${tag.toString(16)} at byte ${this.start}`);
    }
    return this;
  }
}

/** Walks over elements that stand one after the other. */
export class DerCursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  /** The tag of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#position];
  }

  /** The next element, which must have the tag where one is given. Throws {@link DerError}. */
  next(tag?: number): Der {
    const element = Der.at(this.#bytes, this.#position, this.#end);
    if (tag !== undefined) element.as(tag);
    this.#position = element.end;
    return element;
  }

  /** The next element when it has the tag; else nothing is passed over. */
  optional(tag: number): Der | undefined {
    return this.tag === tag ? this.next() : undefined;
  }
}
