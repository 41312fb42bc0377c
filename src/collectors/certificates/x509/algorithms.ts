import type { Certificate } from "../certificate.ts";
import { contextTag, Der, TAG } from "./der.ts";
import { bitLength, oid } from "./der-values.ts";
import { CURVE_BITS, FIXED_BITS, HASHES, KEY_ALGORITHMS, RSASSA_PSS, SIGNATURE_ALGORITHMS } from "./oids.ts";

/** What a SubjectPublicKeyInfo says of its key (RFC 5280 section 4.1.2.7). Throws `DerError`. */
export function publicKey(element: Der): Certificate["key"] {
  const parts = element.as(TAG.sequence).children();
  const identifier = parts.next(TAG.sequence).children();
  const id = oid(identifier.next(TAG.oid));
  const parameters = identifier.done ? undefined : identifier.next();
  const algorithm = KEY_ALGORITHMS[id] ?? id;
  const bits = keyBits(algorithm, parameters, parts.next(TAG.bitString));
  return bits === undefined ? { algorithm } : { algorithm, bits };
}

/**
 * The name of a signature's AlgorithmIdentifier; RSASSA-PSS by its hash too, such as `rsassaPss-with-SHA256`. Throws
 * `DerError`.
 */
export function signatureAlgorithm(element: Der): string {
  const parts = element.as(TAG.sequence).children();
  const id = oid(parts.next(TAG.oid));
  if (id !== RSASSA_PSS) return SIGNATURE_ALGORITHMS[id] ?? id;
  const hash = parts.optional(TAG.sequence)?.children().optional(contextTag(0));
  // SHA-1 is what is meant when no hash is told (RFC 4055 section 3.1).
  if (hash === undefined) return "rsassaPss-with-SHA1";
  const hashId = oid(hash.children().next(TAG.sequence).children().next(TAG.oid));
  return `rsassaPss-with-${HASHES[hashId] ?? hashId}`;
}

function keyBits(algorithm: string, parameters: Der | undefined, key: Der): number | undefined {
  switch (algorithm) {
    case "RSA":
    case "rsa-pss":
      return modulusBits(key);
    case "dsa":
      return parameters?.tag === TAG.sequence ? bitLength(parameters.children().next()) : undefined;
    case "EC":
      return curveBits(parameters);
    default:
      return FIXED_BITS[algorithm];
  }
}

function modulusBits(key: Der): number {
  // The first byte of a BIT STRING counts its unused bits.
  const inner = Der.at(key.bytes, key.contentStart + 1, key.end).as(TAG.sequence);
  return bitLength(inner.children().next(TAG.integer));
}

function curveBits(parameters: Der | undefined): number | undefined {
  if (parameters?.tag === TAG.oid) return CURVE_BITS[oid(parameters)];
  if (parameters?.tag !== TAG.sequence) return undefined;
  const explicit = parameters.children();
  explicit.next(TAG.integer);
  explicit.next(TAG.sequence);
  explicit.next(TAG.sequence);
  explicit.next(TAG.octetString);
  return bitLength(explicit.next(TAG.integer));
}
