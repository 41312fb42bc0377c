import { createHmac, timingSafeEqual } from "node:crypto";
import { type Der, TAG } from "./der.ts";
import { oid, small } from "./der-values.ts";
import { type DerivationBudget, type Passphrase, pbkdf2Key, pkcs12Key, PURPOSE } from "./key-derivation.ts";
import { hmacDigest, pbkdf2Parameters, unsupported } from "./pkcs12-cipher.ts";

/** Hashes by their OID, by Node's name. */
const DIGESTS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.5": "md5",
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
  "2.16.840.1.101.3.4.2.4": "sha224",
};

const PBMAC1 = "1.2.840.113549.1.5.14";

/**
 * Whether a passphrase gives the code that MacData (RFC 7292 section 4, RFC 9579) holds for the content. Throws
 * `FormatError` for an algorithm that is not supported and where it would take too long.
 */
export async function macFits(
  macData: Der,
  content: Uint8Array,
  words: Passphrase,
  budget: DerivationBudget,
): Promise<boolean> {
  const parts = macData.as(TAG.sequence).children();
  const digestInfo = parts.next(TAG.sequence).children();
  const algorithm = digestInfo.next(TAG.sequence);
  const expected = digestInfo.next(TAG.octetString).content;
  const salt = parts.next(TAG.octetString).content;
  const iterations = parts.done ? 1 : small(parts.next(TAG.integer));
  const { digest, key } = await macKey({ algorithm, salt, iterations, length: expected.length }, words, budget);
  const actual = createHmac(digest, key).update(content).digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

interface MacParameters {
  readonly algorithm: Der;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Of the code in bytes, which is that of its hash and of the key. */
  readonly length: number;
}

async function macKey(
  { algorithm, ...how }: MacParameters,
  words: Passphrase,
  budget: DerivationBudget,
): Promise<{ digest: string; key: Uint8Array }> {
  const parts = algorithm.children();
  const id = oid(parts.next());
  if (id === PBMAC1) {
    const parameters = parts.next(TAG.sequence).children();
    const derivation = pbkdf2Parameters(parameters.next());
    return { digest: hmacDigest(parameters.next()), key: await pbkdf2Key(words, derivation, budget) };
  }
  const digest = DIGESTS[id];
  if (digest === undefined) throw unsupported("checksum", id);
  return { digest, key: await pkcs12Key(words, { ...how, digest, purpose: PURPOSE.mac }, budget) };
}
