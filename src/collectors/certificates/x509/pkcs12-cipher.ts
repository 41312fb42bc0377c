import { createDecipheriv } from "node:crypto";
import { type Der, TAG } from "./der.ts";
import { latin1, oid, small } from "./der-values.ts";
import { FormatError } from "./found.ts";
import {
  type Derivation,
  type DerivationBudget,
  type Passphrase,
  pbkdf2Key,
  pkcs12Key,
  PURPOSE,
} from "./key-derivation.ts";

interface Cipher {
  /** By Node's name, or `rc2`, which Node has not. */
  readonly name: string;
  /** Of its key in bytes. */
  readonly length: number;
}

/** Source: RFC 7292 appendix C. */
const OLD_CIPHERS: Readonly<Record<string, Cipher>> = {
  "1.2.840.113549.1.12.1.3": { name: "des-ede3-cbc", length: 24 },
  "1.2.840.113549.1.12.1.4": { name: "des-ede-cbc", length: 16 },
  "1.2.840.113549.1.12.1.5": { name: "rc2", length: 16 },
  "1.2.840.113549.1.12.1.6": { name: "rc2", length: 5 },
};

/** Source: RFC 8018 appendix B.2, NIST's registry. */
const CIPHERS: Readonly<Record<string, Cipher>> = {
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", length: 24 },
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", length: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", length: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", length: 32 },
};

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";

/** Hashes of HMAC by their OID in PBKDF2, by Node's name. */
const HMACS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

/**
 * Decrypts by an AlgorithmIdentifier of PKCS#5 or PKCS#12. Throws {@link FormatError} for an algorithm that is not
 * supported, and anything else when the passphrase does not fit.
 */
export async function decrypt(
  algorithm: Der,
  data: Uint8Array,
  words: Passphrase,
  budget: DerivationBudget,
): Promise<Uint8Array> {
  const parts = algorithm.as(TAG.sequence).children();
  const id = oid(parts.next());
  if (id === PBES2) return decryptNew(parts.next(TAG.sequence), data, words, budget);
  const cipher = OLD_CIPHERS[id];
  if (cipher === undefined) throw unsupported("encryption", id);
  const parameters = parts.next(TAG.sequence).children();
  const how = {
    digest: "sha1",
    salt: parameters.next(TAG.octetString).content,
    iterations: small(parameters.next(TAG.integer)),
  };
  const key = await pkcs12Key(words, { ...how, length: cipher.length, purpose: PURPOSE.key }, budget);
  const iv = await pkcs12Key(words, { ...how, length: 8, purpose: PURPOSE.iv }, budget);
  return deciphered(cipher, { key, iv }, data);
}

async function decryptNew(
  parameters: Der,
  data: Uint8Array,
  words: Passphrase,
  budget: DerivationBudget,
): Promise<Uint8Array> {
  const parts = parameters.children();
  const derivation = parts.next(TAG.sequence);
  const encryption = parts.next(TAG.sequence).children();
  const id = oid(encryption.next());
  const cipher = CIPHERS[id];
  if (cipher === undefined) throw unsupported("encryption", id);
  const key = await pbkdf2Key(words, { ...pbkdf2Parameters(derivation), length: cipher.length }, budget);
  return deciphered(cipher, { key, iv: encryption.next(TAG.octetString).content }, data);
}

/**
 * Parameters of PBKDF2 (RFC 8018 appendix A.2), of which the length is 0 when it is not told. Throws
 * {@link FormatError}.
 */
export function pbkdf2Parameters(algorithm: Der): Derivation {
  const parts = algorithm.as(TAG.sequence).children();
  const id = oid(parts.next());
  if (id !== PBKDF2) throw unsupported("key derivation", id);
  const parameters = parts.next(TAG.sequence).children();
  const salt = parameters.next(TAG.octetString).content;
  const iterations = small(parameters.next(TAG.integer));
  const length = parameters.optional(TAG.integer);
  const prf = parameters.optional(TAG.sequence);
  const digest = prf === undefined ? "sha1" : hmacDigest(prf);
  return { digest, salt, iterations, length: length === undefined ? 0 : small(length) };
}

/** Node's name of the hash in an HMAC's AlgorithmIdentifier. Throws {@link FormatError} for an unknown one. */
export function hmacDigest(algorithm: Der): string {
  const id = oid(algorithm.as(TAG.sequence).children().next());
  const digest = HMACS[id];
  if (digest === undefined) throw unsupported("HMAC", id);
  return digest;
}

/** A fault that names what is not supported by its OID. */
export const unsupported = (what: string, id: string): FormatError =>
  new FormatError("bad_keystore", `its ${what} (${id}) is not supported`);

interface KeyAndIv {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

async function deciphered(cipher: Cipher, { key, iv }: KeyAndIv, data: Uint8Array): Promise<Uint8Array> {
  if (cipher.name === "rc2") return decipheredRc2({ key, iv }, data);
  const decipher = createDecipheriv(cipher.name, key, iv);
  return Buffer.concat([decipher.update(data), decipher.final()]);
}

/** RC2 is done in JavaScript at about 2 MB/s, all at once. */
const MAX_RC2_BYTES = 1_048_576;

async function decipheredRc2({ key, iv }: KeyAndIv, data: Uint8Array): Promise<Uint8Array> {
  if (data.length > MAX_RC2_BYTES) throw new FormatError("too_large", "it is larger than 1 MiB and encrypted with RC2");
  const { default: forge } = await import("node-forge");
  const decipher = forge.rc2.createDecryptionCipher(latin1(key), key.length * 8);
  decipher.start(latin1(iv));
  decipher.update(forge.util.createBuffer(latin1(data)));
  if (!decipher.finish()) throw new Error("wrong padding");
  return Buffer.from(decipher.output.getBytes(), "latin1");
}
