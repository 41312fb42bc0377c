import { X509Certificate, type KeyObject } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { signingRules, type SigningRules } from "./extension-facts.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";

/** Whether one certificate signed another: `unknown` when the signature's algorithm is not known here. */
export type Issuance = "issued" | "bad_signature" | "not_an_authority" | "unknown";

const MAX_PAIRS = 20_000;

/**
 * Whether it may have signed the other by names and key identifiers (RFC 5280 section 4.2.1.1), which is quick to tell.
 */
export function mayHaveIssued(issuer: Certificate, child: Certificate): boolean {
  return issuer.subjectDer === child.issuerDer && keyIdsMatch(issuer, child) !== false;
}

/** Whether the child names the issuer's key; undefined when one of them does not say. */
export function keyIdsMatch(
  issuer: Pick<Certificate, "subjectKeyId">,
  child: Pick<Certificate, "authorityKeyId">,
): boolean | undefined {
  if (issuer.subjectKeyId === undefined || child.authorityKeyId === undefined) return undefined;
  return issuer.subjectKeyId === child.authorityKeyId;
}

/** Whether both are of the same authority with the same key, such as one that was renewed or signed by several. */
export function sameAuthority(one: Certificate, other: Certificate): boolean {
  if (one.fingerprint === other.fingerprint) return true;
  if (one.subjectDer !== other.subjectDer) return false;
  if (one.subjectKeyId !== undefined && other.subjectKeyId !== undefined)
    return one.subjectKeyId === other.subjectKeyId;
  const [key, otherKey] = [publicKeyOf(one), publicKeyOf(other)];
  return key !== undefined && otherKey !== undefined && key.equals(otherKey);
}

/** Verifies signatures, each pair of certificates once as long as it is remembered. */
export class Issuances {
  readonly #known = new BoundedMap<string, Issuance>(MAX_PAIRS);

  /** Whether the issuer's key signed the child, and was allowed to sign certificates at all. */
  between(issuer: Certificate, child: Certificate): Issuance {
    return this.#known.ensure(`${child.fingerprint}${issuer.fingerprint}`, () => judge(issuer, child));
  }
}

function judge(issuer: Certificate, child: Certificate): Issuance {
  const key = publicKeyOf(issuer);
  if (key === undefined) return "unknown";
  const signed = verified(child, key);
  if (signed !== true) return signed === undefined ? "unknown" : "bad_signature";
  return issuer.role !== "leaf" && rulesOf(issuer).signsCertificates ? "issued" : "not_an_authority";
}

function verified(child: Certificate, key: KeyObject): boolean | undefined {
  try {
    return new X509Certificate(child.der).verify(key);
  } catch {
    return undefined;
  }
}

const publicKeys = new WeakMap<Certificate, { readonly key: KeyObject | undefined }>();

/** The public key; undefined when its algorithm is not known here. */
export function publicKeyOf(certificate: Certificate): KeyObject | undefined {
  const known = publicKeys.get(certificate);
  if (known !== undefined) return known.key;
  const key = readKey(certificate);
  publicKeys.set(certificate, { key });
  return key;
}

function readKey({ der }: Certificate): KeyObject | undefined {
  try {
    return new X509Certificate(der).publicKey;
  } catch {
    return undefined;
  }
}

const rules = new WeakMap<Certificate, SigningRules>();

/** {@link signingRules}, read once. */
export function rulesOf(certificate: Certificate): SigningRules {
  const known = rules.get(certificate) ?? signingRules(certificate);
  rules.set(certificate, known);
  return known;
}
