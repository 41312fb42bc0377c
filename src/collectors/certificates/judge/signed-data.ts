import { constants, verify, type KeyObject } from "node:crypto";
import { contextTag, type Der, DerError, TAG } from "../x509/der.ts";
import { oid, small } from "../x509/der-values.ts";
import { HASHES, RSASSA_PSS, SIGNATURE_ALGORITHMS } from "../x509/oids.ts";

/** Something signed: revocation lists and OCSP answers begin with the same three parts. */
export interface SignedData {
  /** What was signed. */
  readonly body: Der;
  /** The AlgorithmIdentifier. */
  readonly algorithm: Der;
  readonly signature: Uint8Array;
}

/**
 * Reads the body, the algorithm and the signature of a sequence, and leaves the cursor after them. Throws `DerError`.
 */
export function signedData(parts: ReturnType<Der["children"]>): SignedData {
  const body = parts.next(TAG.sequence);
  const algorithm = parts.next(TAG.sequence);
  return { body, algorithm, signature: wholeBytes(parts.next(TAG.bitString)) };
}

/**
 * The bytes of a BIT STRING, whose first byte counts the bits that are left over. Throws `DerError` when there are any.
 */
export function wholeBytes(bitString: Der): Uint8Array {
  if (bitString.content[0] !== 0) throw new DerError(`no whole bytes at byte ${bitString.start}`);
  return bitString.content.subarray(1);
}

/** Whether the key made the signature; false too when its algorithm is not known here or does not fit the key. */
export async function isSignedBy({ body, algorithm, signature }: SignedData, key: KeyObject): Promise<boolean> {
  try {
    const { hash, padding } = method(algorithm);
    // In the pool of threads: hashing a list of ten megabytes would hold up everything else.
    return await verifyInPool(hash, body.encoded, padding === undefined ? key : { key, ...padding }, signature);
  } catch {
    return false;
  }
}

type Key = Parameters<typeof verify>[2];

function verifyInPool(hash: string | undefined, data: Uint8Array, key: Key, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(hash, data, key, signature, (error, ok) => (error === null ? resolve(ok) : reject(error)));
  });
}

interface Method {
  readonly hash: string | undefined;
  readonly padding?: { readonly padding: number; readonly saltLength: number };
}

function method(algorithm: Der): Method {
  const parts = algorithm.children();
  const id = oid(parts.next(TAG.oid));
  if (id === RSASSA_PSS) return pss(parts.optional(TAG.sequence));
  const name = SIGNATURE_ALGORITHMS[id] ?? "";
  if (/^ed(?:25519|448)$/i.test(name)) return { hash: undefined };
  const hash = /sha3?-?\d+(?:-\d+)?/i.exec(name)?.[0];
  if (hash === undefined) throw new DerError(`a signature by ${id}, which is not known here`);
  return { hash };
}

const DEFAULT_SALT_LENGTH = 20;

/** RFC 4055 section 3.1; the hash of the mask is the same one in all that exists. */
function pss(parameters: Der | undefined): Method {
  const parts = parameters?.children();
  const hash = parts?.optional(contextTag(0));
  parts?.optional(contextTag(1));
  const salt = parts?.optional(contextTag(2));
  const id = hash === undefined ? undefined : oid(hash.children().next(TAG.sequence).children().next(TAG.oid));
  const saltLength = salt === undefined ? DEFAULT_SALT_LENGTH : small(salt.children().next(TAG.integer));
  return {
    hash: id === undefined ? "SHA1" : HASHES[id],
    padding: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
  };
}
