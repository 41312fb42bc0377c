import type { ByteReader } from "./byte-reader.ts";
import { FormatError } from "./found.ts";

/** Marks of the things of a stream. */
const NULL = 0x70;
const REFERENCE = 0x71;
const CLASS_DESCRIPTION = 0x72;
const OBJECT = 0x73;
const STRING = 0x74;
const ARRAY = 0x75;
const BLOCK = 0x77;
const END = 0x78;
const LONG_BLOCK = 0x7a;

const FIRST_HANDLE = 0x7e_00_00;
const WRITE_METHOD = 0x01;
const MAX_DEPTH = 16;
const PRIMITIVE_BYTES: Readonly<Record<string, number>> = { B: 1, C: 2, D: 8, F: 4, I: 4, J: 8, S: 2, Z: 1 };

interface ClassDescription {
  readonly name: string;
  readonly flags: number;
  /** Types of the fields by their letters. */
  readonly fields: readonly string[];
  readonly parent: ClassDescription | undefined;
}

/**
 * Passes over one object of Java's serialization, in which JCEKS key stores hold secret keys without telling their
 * length. Throws {@link FormatError}.
 * Source: https://docs.oracle.com/en/java/javase/17/docs/specs/serialization/protocol.html
 */
export function skipSerialized(reader: ByteReader): void {
  if (reader.uint32() !== 0xac_ed_00_05) throw corrupted();
  new SerializedObject(reader).skip(0);
}

const corrupted = (): FormatError => new FormatError("bad_keystore", "a secret key in it is corrupted");

class SerializedObject {
  readonly #reader: ByteReader;
  /** What later parts may refer to, by number; only classes matter. */
  readonly #handles: (ClassDescription | undefined)[] = [];

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Passes over one thing and gives its mark. */
  skip(depth: number): number {
    if (depth > MAX_DEPTH) throw corrupted();
    const mark = this.#reader.uint8();
    if (mark === REFERENCE) this.#reader.skip(4);
    else if (mark === STRING) this.#skipString();
    else if (mark === BLOCK) this.#reader.skip(this.#reader.uint8());
    else if (mark === LONG_BLOCK) this.#reader.skip(this.#reader.uint32());
    else if (mark === ARRAY) this.#skipArray(depth);
    else if (mark === OBJECT) this.#skipObject(depth);
    else if (mark !== NULL && mark !== END) throw corrupted();
    return mark;
  }

  #skipString(): void {
    this.#handles.push(undefined);
    this.#reader.skip(this.#reader.uint16());
  }

  #skipArray(depth: number): void {
    const type = this.#class(depth)?.name[1] ?? "";
    this.#handles.push(undefined);
    const size = this.#reader.uint32();
    const width = PRIMITIVE_BYTES[type];
    if (width !== undefined) this.#reader.skip(size * width);
    else for (let i = 0; i < size; i++) this.skip(depth + 1);
  }

  #skipObject(depth: number): void {
    const lineage: ClassDescription[] = [];
    for (let type = this.#class(depth); type !== undefined; type = type.parent) {
      // references make long lineages of few bytes, which each object would be walked along
      if (lineage.length > MAX_DEPTH) throw corrupted();
      lineage.unshift(type);
    }
    this.#handles.push(undefined);
    for (const { fields, flags } of lineage) {
      for (const type of fields) {
        const width = PRIMITIVE_BYTES[type];
        if (width === undefined) this.skip(depth + 1);
        else this.#reader.skip(width);
      }
      if ((flags & WRITE_METHOD) !== 0) this.#skipToEnd(depth);
    }
  }

  #skipToEnd(depth: number): void {
    while (this.skip(depth + 1) !== END);
  }

  #class(depth: number): ClassDescription | undefined {
    if (depth > MAX_DEPTH) throw corrupted();
    const mark = this.#reader.uint8();
    if (mark === NULL) return undefined;
    if (mark === REFERENCE) return this.#handles[this.#reader.uint32() - FIRST_HANDLE];
    if (mark !== CLASS_DESCRIPTION) throw corrupted();
    const name = this.#text();
    this.#reader.skip(8);
    const handle = this.#handles.push(undefined) - 1;
    const flags = this.#reader.uint8();
    const fields = this.#fields(depth);
    this.#skipToEnd(depth);
    const description = { name, flags, fields, parent: this.#class(depth + 1) };
    this.#handles[handle] = description;
    return description;
  }

  #fields(depth: number): string[] {
    const fields: string[] = [];
    for (let left = this.#reader.uint16(); left > 0; left--) {
      const type = String.fromCharCode(this.#reader.uint8());
      this.#text();
      if (PRIMITIVE_BYTES[type] === undefined) this.skip(depth + 1);
      fields.push(type);
    }
    return fields;
  }

  #text(): string {
    return Buffer.from(this.#reader.take(this.#reader.uint16())).toString("latin1");
  }
}
