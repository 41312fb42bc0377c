import { Buffer } from "node:buffer";
import { hash, pbkdf2 } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { FormatError } from "./found.ts";

const pbkdf2Async = promisify(pbkdf2);

/** A passphrase as PKCS#12 wants it: in UTF-16 with a zero at the end for its own derivation, in UTF-8 for PBKDF2. */
export interface Passphrase {
  readonly wide: Uint8Array;
  readonly utf8: Uint8Array;
}

/** Makes a {@link Passphrase}; undefined is none at all, which some writers mean where others mean the empty one. */
export const passphrase = (text: string | undefined): Passphrase => ({
  wide: text === undefined ? new Uint8Array() : Buffer.from(`${text}\0`, "utf16le").swap16(),
  utf8: Buffer.from(text ?? "", "utf8"),
});

/** How many iterations go by before others get their turn: about 4 ms. */
const BATCH = 2000;
/** An iteration of PKCS#12's own derivation costs 2 us of this thread; one of PBKDF2 0.25 us of another. */
const PKCS12_COST = 8;
const MAX_COST = 8_000_000;

/** Honest salts and keys have a few dozen bytes; long ones cost time that no iteration counts. */
const MAX_SALT_BYTES = 1024;
const MAX_KEY_BYTES = 64;

/** Bounds what all derivations for one file may cost together: about two seconds, which no honest file needs. */
export class DerivationBudget {
  #left = MAX_COST;

  /** Throws {@link FormatError} when too little is left, or when salt or key are too long. */
  spend({ iterations, salt, length }: Derivation, cost = 1): void {
    if (salt.length > MAX_SALT_BYTES || length > MAX_KEY_BYTES)
      throw new FormatError("bad_keystore", "the salt or length of a key in it is beyond all measure");
    this.#left -= iterations * cost;
    if (!(iterations > 0) || this.#left < 0) {
      throw new FormatError("bad_keystore", `deriving its keys would take too long (${iterations} iterations)`);
    }
  }
}

/** How a key is made of a passphrase. */
export interface Derivation {
  /** By Node's name, such as `sha256`. */
  readonly digest: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Of the key in bytes. */
  readonly length: number;
}

/** PBKDF2 (RFC 8018 section 5.2), on another thread. Throws {@link FormatError} when the budget does not allow it. */
export async function pbkdf2Key(words: Passphrase, how: Derivation, budget: DerivationBudget): Promise<Uint8Array> {
  budget.spend(how);
  return pbkdf2Async(words.utf8, how.salt, how.iterations, how.length, how.digest);
}

/** What PKCS#12's own derivation makes. */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

const WIDE_BLOCKS: ReadonlySet<string> = new Set(["sha384", "sha512", "sha512-224", "sha512-256"]);

/** PKCS#12's own derivation (RFC 7292 appendix B.2). Throws {@link FormatError} when the budget does not allow it. */
export async function pkcs12Key(
  words: Passphrase,
  how: Derivation & { readonly purpose: (typeof PURPOSE)[keyof typeof PURPOSE] },
  budget: DerivationBudget,
): Promise<Uint8Array> {
  const block = WIDE_BLOCKS.has(how.digest) ? 128 : 64;
  const input = Buffer.concat([repeated(how.salt, block), repeated(words.wide, block)]);
  const key: Uint8Array[] = [];
  for (let made = 0; made < how.length; made += key.at(-1)?.length ?? how.length) {
    budget.spend(how, PKCS12_COST);
    const part = await iterated(Buffer.concat([Buffer.alloc(block, how.purpose), input]), how);
    key.push(part);
    addToEach(input, repeated(part, block).subarray(0, block), block);
  }
  return Buffer.concat(key).subarray(0, how.length);
}

async function iterated(start: Uint8Array, { digest, iterations }: Derivation): Promise<Uint8Array> {
  let value = start;
  for (let i = 0; i < iterations; i++) {
    value = hash(digest, value, "buffer");
    if (i % BATCH === BATCH - 1) await setImmediate();
  }
  return value;
}

/** The bytes again and again up to a whole number of blocks; nothing stays nothing. */
function repeated(bytes: Uint8Array, block: number): Buffer {
  return bytes.length === 0 ? Buffer.alloc(0) : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** Adds `addend + 1` to every block of the input as a big-endian number; what does not fit is lost. */
function addToEach(input: Buffer, addend: Buffer, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let i = block - 1; i >= 0; i--) {
      carry += (input[start + i] ?? 0) + (addend[i] ?? 0);
      input[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}
